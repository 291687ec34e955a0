"""Fair shares of the processor: how much is computed at once, who is next, and what waits.

A run of a page, or of a part of it, has a turn while it computes and draws. Work that takes long
gives its turn back and takes one among the long ones, so that it holds up no page.
"""

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from eca_viz.locale.texts import trn

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
# Seconds after which a person who waits is told the place, first and then again.
FIRST, AGAIN = 0.3, 2.0
# No turn begins while more than so many wait who were not told: they come first, since two pages
# that are computed leave the thread that sends little of the interpreter's time. That holds for so
# many seconds at most, and not again for so many times as long.
CROWD, HOLD, PAUSE = 5, 3.0, 4.0
# The weight of the last turn in the average length, from which the time left is estimated.
LAST = 0.2

# Called with the number of those that come before, and the seconds that they may take.
Tell = Callable[[int, float], None]


class Turns:
    """At most so many turns at once; the others wait in the order in which they came.

    Args:
        at_once: so many.
    """

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._running = 0
        self._waiting: deque[threading.Event] = deque()
        self._untold: set[threading.Event] = set()
        self._held: float | None = None  # when it began that no turn begins
        self._no_hold_before = 0.0
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._wish_alone = 0  # threads that are alone or wait for it
        self._alone = False
        self._own = threading.local()
        self._seconds = 0.0

    @contextmanager
    def turn(self, tell: Tell) -> Iterator[None]:
        """Inside the block the thread has a turn; inside another block of it, it has it already.

        Args:
            tell: called while the thread waits; what it raises ends the waiting.
        """
        if self._begin() is not None:
            yield
            return
        self._enter(tell)
        try:
            yield
        finally:
            self._leave()

    @contextmanager
    def released(self) -> Iterator[None]:
        """Inside the block the thread has no turn; after it, it has one at once.

        Not to wait for it keeps those that wait for each other's results from waiting for ever.
        """
        if self._begin() is None:
            yield
            return
        self._leave()
        try:
            yield
        finally:
            with self._changed:
                self._changed.wait_for(lambda: not self._alone)
                self._running += 1
            self._own.begin = time.monotonic()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Inside the block no other thread has a turn: it begins when all gave theirs back."""
        with self.released():
            with self._changed:
                self._wish_alone += 1
                self._changed.wait_for(lambda: not self._running and not self._alone)
                self._alone = True
            try:
                yield
            finally:
                with self._changed:
                    self._alone = False
                    self._wish_alone -= 1
                    self._admit()
                    self._changed.notify_all()

    def _begin(self) -> float | None:
        """When the thread's turn began."""
        return getattr(self._own, "begin", None)

    def _enter(self, tell: Tell) -> None:
        mine = threading.Event()
        with self._lock:
            self._waiting.append(mine)
            self._untold.add(mine)
            self._admit()
        try:
            wait = FIRST
            while not mine.wait(wait):
                tell(*self._ahead(mine))
                self._told(mine)
                wait = AGAIN
        except BaseException:
            self._told(mine)
            with self._lock:
                if mine.is_set():
                    self._give_back()
                else:
                    self._waiting.remove(mine)
            raise
        self._own.begin = time.monotonic()

    def _leave(self) -> None:
        lasted = time.monotonic() - self._own.begin
        self._own.begin = None
        with self._lock:
            self._seconds += LAST * (lasted - self._seconds)
            self._give_back()

    def _told(self, one: threading.Event) -> None:
        with self._lock:
            self._untold.discard(one)
            self._admit()

    def _give_back(self) -> None:
        self._running -= 1
        self._admit()
        self._changed.notify_all()

    def _admit(self) -> None:
        while self._waiting and self._running < self._at_once and not self._wish_alone:
            if self._crowded():
                return
            self._untold.discard(self._waiting[0])
            self._waiting.popleft().set()
            self._running += 1

    def _crowded(self) -> bool:
        now = time.monotonic()
        crowd = len(self._untold) > CROWD and now >= self._no_hold_before
        if crowd and self._held is None:
            self._held = now
        if self._held is not None and (not crowd or now - self._held > HOLD):
            self._no_hold_before = now + PAUSE * min(now - self._held, HOLD)
            self._held = None
            return False
        return crowd

    def _ahead(self, mine: threading.Event) -> tuple[int, float]:
        with self._lock:
            before = self._waiting.index(mine) if mine in self._waiting else 0
            return before, (before + 1) * self._seconds / self._at_once


PAGES = Turns(CORES)
LONG = Turns(max(1, CORES - 1))


def tell(before: int, seconds: float) -> None:
    """Says on the page that it waits, for how many others, and how long about."""
    st.toast(
        trn(
            "Many are at work here. {n} is before you; about {seconds:.0f} s.",
            "Many are at work here. {n} are before you; about {seconds:.0f} s.",
            before,
            seconds=max(seconds, 1.0),
        ),
        duration=2,
    )


@contextmanager
def long() -> Iterator[None]:
    """Inside the block the thread has a turn among the long ones, and none among the pages."""
    with PAGES.released(), LONG.turn(tell):
        yield
