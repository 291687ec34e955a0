"""Decodes untrusted bytes in processes that are limited in time, in memory and in number.

Each runs `decoding` as a program, is started with the first image that needs it, and is kept for
the next. One that takes more than SECONDS of processor time or MEGABYTES of memory for an image
is ended, and another takes its place. At most as many run as there are processor cores; who has
to wait gets its turn in order. They end with this process: at its exit, and where it is killed,
since their standard input is then closed.

Only Linux limits memory, and Windows neither memory nor processor time. On every system an image
that has no answer after WAITS × SECONDS on the clock is given up and its process ended. So is one
for which `waiting`, called every PULSE seconds, raises: nobody wants it any more.
"""

import atexit
import io
import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import numpy as np

from eca_viz.images import decoding
from eca_viz.images.decoding import REPLY, REQUEST, Kind, RefusedError
from eca_viz.records import Pixels

SECONDS = 5
MEGABYTES = 1024
WAITS = 4
PULSE = 0.2  # seconds
# SIGPROF: how a process ends that has used up its processor time.
OUT_OF_TIME = -27
# SIGKILL and SIGTERM: how a person or the system ends a process, whatever it is doing.
FROM_OUTSIDE = (-9, -15)
END_SECONDS = 5.0
PIPE_BYTES = 2**20
ATTEMPTS = 2
# Threads of a library would take of the process's memory and of others' processor time.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}


def nothing() -> None:
    """What is done while an image is waited for, where nothing is."""


@dataclass(frozen=True)
class Limits:
    """The most processor time for one image, and the most memory of a process."""

    seconds: float = SECONDS
    megabytes: int = MEGABYTES


class EndedError(Exception):
    """The process, not the image, is why there are no pixels: another may have them."""


class Worker:
    """A process that decodes one image after the other.

    Args:
        limits: What it may take.

    Attributes:
        clean: Whether it can take another image.
        used: Whether it has taken one: memory that it lacks it may have with earlier images.
    """

    def __init__(self, limits: Limits) -> None:
        self.clean, self.used = True, False
        self._patience = WAITS * limits.seconds
        program = (sys.executable, "-I", "-W", "ignore", decoding.__file__)
        self.process = subprocess.Popen(
            [*program, str(limits.seconds), str(limits.megabytes)],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | ONE_THREAD,
        )
        assert isinstance(self.process.stdin, io.FileIO)
        assert isinstance(self.process.stdout, io.FileIO)
        self._requests, self._replies = self.process.stdin, self.process.stdout
        _widen(self._requests)
        _widen(self._replies)

    def decode(self, data: bytes, waiting: Callable[[], None]) -> Pixels:
        """The pixels of an image.

        Raises RefusedError where there are none, EndedError where the bytes are not the reason, and
        what `waiting` raises.
        """
        self.clean = False
        answer: Future[Pixels] = Future()
        end = time.monotonic() + self._patience
        threading.Thread(target=self._exchange, args=(data, answer), daemon=True).start()
        try:
            while not wait([answer], PULSE).done:
                if time.monotonic() > end:
                    raise RefusedError(Kind.TIME)
                waiting()
            return answer.result()
        except (OSError, EOFError) as error:
            code = self.process.wait()
            if code == OUT_OF_TIME:
                raise RefusedError(Kind.TIME) from error
            if code >= 0 or code in FROM_OUTSIDE:
                raise EndedError from error
            raise RefusedError(Kind.DAMAGED) from error  # the decoder crashed
        finally:
            self.used = True
            if not answer.done():
                self.process.kill()
                wait([answer])

    def _exchange(self, data: bytes, answer: Future[Pixels]) -> None:
        try:
            self._write(REQUEST.pack(len(data)))
            self._write(data)
            answer.set_result(self._reply())
        except Exception as error:
            answer.set_exception(error)

    def _write(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            left = left[self._requests.write(left) :]

    def _reply(self) -> Pixels:
        """Trusts nothing of what comes: the decoder may do what the image's author wants."""
        kind, width, height = REPLY.unpack(self._read(np.empty(REPLY.size, np.uint8)).tobytes())
        if kind != Kind.DECODED:
            known = kind <= max(Kind)
            self.clean = known and kind != Kind.MEMORY
            if kind == Kind.MEMORY and self.used:
                raise EndedError
            raise RefusedError(Kind(kind) if known else Kind.DAMAGED, width, height)
        if not 0 < min(width, height) <= max(width, height) <= decoding.MAX_SIDE:
            raise RefusedError(Kind.DAMAGED)
        pixels = self._read(np.empty((height, width, 3), np.uint8))
        self.clean = True
        return pixels

    def _read(self, found: Pixels) -> Pixels:
        """Fills an array."""
        left = found.data.cast("B")
        while left:
            count = self._replies.readinto(left)
            if not count:
                raise EOFError
            left = left[count:]
        return found

    def end(self) -> None:
        """Ends the process."""
        self.process.kill()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(END_SECONDS)
        self.disown()

    def disown(self) -> None:
        """Lets go of a process that has ended, or that after a fork is the parent's."""
        self.process.returncode = self.process.returncode or 0
        self._requests.close()
        self._replies.close()


def _widen(pipe: io.FileIO) -> None:
    """Lets a pipe hold a mebibyte, on Linux: 2,000 × 2,000 pixels take 15 ms less."""
    if sys.platform == "linux":
        import fcntl

        with suppress(OSError):  # a user's pipes may hold so much and not more
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)


class Pool:
    """Workers that are idle, that run, and turns for who waits; `size` is the most that run."""

    def __init__(self, size: int, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._size = size
        self._begin()

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._free = self._size
        self._waiting: deque[threading.Event] = deque()
        self._idle: list[Worker] = []
        self._running: set[Worker] = set()

    def decode(self, data: bytes, waiting: Callable[[], None] = nothing) -> Pixels:
        """The pixels of an image; raises RefusedError where there are none.

        Where a worker is ended from outside, or lacks memory after other images, a new one takes
        its place and the image.
        """
        with self._turn(waiting):
            for attempt in range(ATTEMPTS):
                try:
                    with self._worker(fresh=attempt > 0) as worker:
                        return worker.decode(data, waiting)
                except EndedError:
                    continue
            raise RefusedError(Kind.ENDED)

    @contextmanager
    def _turn(self, waiting: Callable[[], None]) -> Iterator[None]:
        """Held by at most `size` at a time, which get it in the order in which they asked."""
        with self._lock:
            own = threading.Event()
            if self._free:
                self._free -= 1
                own.set()
            else:
                self._waiting.append(own)
        try:
            while not own.wait(PULSE):
                waiting()
            yield
        finally:
            with self._lock:
                if own in self._waiting:  # interrupted
                    self._waiting.remove(own)
                elif self._waiting:
                    self._waiting.popleft().set()
                else:
                    self._free += 1

    @contextmanager
    def _worker(self, fresh: bool) -> Iterator[Worker]:
        """An idle worker, or a new one, where `fresh` in any case; kept if it can take another."""
        with self._lock:
            worker = self._idle.pop() if self._idle and not fresh else None
        if worker is None:
            try:
                worker = Worker(self._limits)
            except OSError as error:
                raise EndedError from error
            with self._lock:
                self._running.add(worker)
        try:
            yield worker
        finally:
            if worker.clean:
                with self._lock:
                    self._idle.append(worker)
            else:
                with self._lock:
                    self._running.discard(worker)
                worker.end()

    def processes(self) -> tuple[int, ...]:
        """Identifiers of the processes that run."""
        with self._lock:
            return tuple(worker.process.pid for worker in self._running)

    def end(self) -> None:
        """Ends all processes; the next image starts one."""
        with self._lock:
            ended, self._running, self._idle = self._running, set(), []
        for worker in ended:
            worker.end()

    def disown(self) -> None:
        """After a fork: the processes are the parent's, and nobody waits here."""
        workers = self._running
        self._begin()
        for worker in workers:
            worker.disown()


_pool = Pool(os.cpu_count() or 1)
atexit.register(_pool.end)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.disown)


def decode(data: bytes, waiting: Callable[[], None] = nothing) -> Pixels:
    """The pixels (H, W, 3) of an image, as `decoding.decode` gives them, from a limited process.

    Raises RefusedError where there are none.

    Args:
        data: An image file.
        waiting: Called every PULSE seconds until there are pixels; what it raises ends the work.
    """
    return _pool.decode(data, waiting)


def end() -> None:
    """Ends all processes; the next image starts one."""
    _pool.end()
