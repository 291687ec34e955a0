"""Turns: how many at once, in which order, and that none is lost."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from eca_viz.ui import turns
from eca_viz.ui.turns import Turns

WAIT = 20


class GoneError(BaseException):
    """As Streamlit ends the run of a page whose session is gone."""


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "FIRST", 0.01)
    monkeypatch.setattr(turns, "AGAIN", 0.01)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(16) as pool:
        yield pool


class Desk:
    """People who take turns, and end theirs when they are told to."""

    def __init__(self, turns: Turns, pool: ThreadPoolExecutor) -> None:
        self.turns, self.pool = turns, pool
        self.entered: list[int] = []
        self.most = self.now = 0
        self.lock = threading.Lock()

    def expect(self, entered: list[int]) -> None:
        """Waits until these are at work or were; who has a turn may still be about to begin."""
        end = time.monotonic() + WAIT
        while len(self.entered) < len(entered) and time.monotonic() < end:
            time.sleep(0.001)
        assert self.entered == entered

    def come(self, who: int, leave: threading.Event) -> tuple[Future[None], threading.Event]:
        """Somebody comes; returns when they are at work or wait."""
        seen = threading.Event()

        def work() -> None:
            with self.turns.turn(lambda before, seconds: seen.set()):
                with self.lock:
                    self.entered.append(who)
                    self.now += 1
                    self.most = max(self.most, self.now)
                seen.set()
                assert leave.wait(WAIT)
                with self.lock:
                    self.now -= 1

        done = self.pool.submit(work)
        assert seen.wait(WAIT)
        return done, seen


def test_no_more_at_once_and_the_first_first(pool: ThreadPoolExecutor) -> None:
    desk = Desk(Turns(2), pool)
    leave = [threading.Event() for _ in range(6)]
    done = [desk.come(who, leave[who])[0] for who in range(6)]
    assert desk.entered == [0, 1]
    for who in range(6):
        leave[who].set()
        done[who].result(WAIT)
        desk.expect([*range(min(who + 3, 6))])
    assert desk.most == 2


def test_one_who_waits_is_told_the_place_and_the_time(pool: ThreadPoolExecutor) -> None:
    one = Turns(1)
    told: list[tuple[int, float]] = []
    leave, third = threading.Event(), threading.Event()
    desk = Desk(one, pool)
    first, _ = desk.come(0, leave)
    second, _ = desk.come(1, leave)

    def wait() -> None:
        def tell(before: int, seconds: float) -> None:
            told.append((before, seconds))
            third.set()

        with one.turn(tell):
            pass

    last = pool.submit(wait)
    assert third.wait(WAIT)
    leave.set()
    for done in (first, second, last):
        done.result(WAIT)
    assert told[0][0] == 1  # the second waits before it; the first is at work
    assert all(before >= 0 and seconds >= 0 for before, seconds in told)


def test_one_who_goes_while_waiting_leaves_the_place_to_the_next(pool: ThreadPoolExecutor) -> None:
    one = Turns(1)
    desk, leave = Desk(one, pool), threading.Event()
    first, _ = desk.come(0, leave)

    def go(before: int, seconds: float) -> None:
        raise GoneError

    def wait() -> None:
        with one.turn(go):
            raise AssertionError("it never had a turn")

    gone = pool.submit(wait)
    with pytest.raises(GoneError):
        gone.result(WAIT)
    last, _ = desk.come(2, leave)
    leave.set()
    first.result(WAIT)
    last.result(WAIT)
    assert desk.entered == [0, 2]


def test_an_error_inside_ends_the_turn() -> None:
    one = Turns(1)
    for _ in range(3):
        with pytest.raises(GoneError), one.turn(pytest.fail):
            raise GoneError


def test_a_turn_inside_a_turn_is_the_same() -> None:
    one = Turns(1)
    with one.turn(pytest.fail), one.turn(pytest.fail):
        pass
    with one.turn(pytest.fail):
        pass


def test_what_is_released_lets_others_work_and_goes_on_at_once(pool: ThreadPoolExecutor) -> None:
    """Two that wait for each other's results: the first needs its turn back to end."""
    one = Turns(1)
    desk, leave = Desk(one, pool), threading.Event()
    released, result = threading.Event(), threading.Event()

    def first() -> None:
        with one.turn(lambda before, seconds: None):
            with one.released():
                released.set()
                assert result.wait(WAIT)
            leave.set()

    done = pool.submit(first)
    assert released.wait(WAIT)
    second, _ = desk.come(1, leave)
    assert desk.entered == [1]
    result.set()
    done.result(WAIT)
    second.result(WAIT)
    with one.turn(pytest.fail):  # nothing is left behind
        pass


def test_without_a_turn_there_is_nothing_to_release() -> None:
    one = Turns(1)
    with one.released(), one.turn(pytest.fail):
        pass


def test_one_is_alone_when_all_others_are_gone_and_the_next_come_after(
    pool: ThreadPoolExecutor,
) -> None:
    desk, leave = Desk(Turns(2), pool), threading.Event()
    wishes, begun, end = threading.Event(), threading.Event(), threading.Event()
    first, _ = desk.come(0, leave)

    def alone() -> None:
        with desk.turns.turn(lambda before, seconds: None):
            wishes.set()
            with desk.turns.alone():
                assert desk.now == 0
                begun.set()
                assert end.wait(WAIT)
                assert desk.now == 0

    done = pool.submit(alone)
    assert wishes.wait(WAIT)
    for _ in range(WAIT * 1000):
        if desk.turns._wish_alone:
            break
        time.sleep(0.001)
    second, _ = desk.come(1, leave)  # waits, though there is a place
    assert desk.entered == [0]
    assert not begun.is_set()
    leave.set()
    assert begun.wait(WAIT)
    third, _ = desk.come(2, leave)
    assert desk.entered == [0]
    end.set()
    for future in (first, second, third, done):
        future.result(WAIT)
    assert sorted(desk.entered) == [0, 1, 2]


def test_two_that_want_to_be_alone_are_so_one_after_the_other(pool: ThreadPoolExecutor) -> None:
    """Also where both have a turn, and a third comes back from what it had released."""
    both, inside = Turns(3), []
    met = threading.Barrier(3)

    def alone() -> None:
        with both.turn(pytest.fail):
            met.wait(WAIT)
            with both.alone():
                inside.append(both._running)
                time.sleep(0.02)
                inside.append(both._running)

    def back() -> None:
        with both.turn(pytest.fail):
            with both.released():
                met.wait(WAIT)
                time.sleep(0.01)
            assert not both._alone

    for future in [pool.submit(alone), pool.submit(alone), pool.submit(back)]:
        future.result(WAIT)
    assert inside == [0, 0, 0, 0]
    assert both._running == both._wish_alone == 0


def test_an_error_of_one_who_is_alone_lets_the_others_go_on() -> None:
    one = Turns(1)
    with one.turn(pytest.fail), pytest.raises(GoneError), one.alone():
        raise GoneError
    with one.turn(pytest.fail):
        pass


def test_a_crowd_is_told_before_the_next_turn_begins(
    pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "CROWD", 3)
    monkeypatch.setattr(turns, "FIRST", 0.5)
    one, leave = Turns(1), threading.Event()
    happened: list[str] = []
    first, _ = Desk(one, pool).come(0, leave)

    def wait() -> None:
        with one.turn(lambda before, seconds: happened.append("told")):
            happened.append("turn")

    waiting = [pool.submit(wait) for _ in range(8)]
    for _ in range(WAIT * 1000):
        if len(one._waiting) == 8:
            break
        time.sleep(0.001)
    leave.set()
    for done in (first, *waiting):
        done.result(WAIT)
    assert happened.count("turn") == 8
    assert happened.index("turn") >= 5  # of eight all but three were told
    assert not one._untold


def test_a_crowd_that_never_ends_holds_up_a_fifth_of_the_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    monkeypatch.setattr(turns.time, "monotonic", lambda: now)
    one = Turns(1)
    one._untold |= {threading.Event() for _ in range(turns.CROWD + 1)}
    held = []
    for _ in range(1000):
        held.append(one._crowded())
        now += 0.1
    assert held[0]
    assert 0.15 < sum(held) / len(held) <= 0.25


def test_one_of_a_crowd_who_goes_keeps_nobody_waiting(pool: ThreadPoolExecutor) -> None:
    one, leave = Turns(1), threading.Event()
    first, _ = Desk(one, pool).come(0, leave)

    def go(before: int, seconds: float) -> None:
        raise GoneError

    def wait() -> None:
        with one.turn(go):
            raise AssertionError("it never had a turn")

    gone = [pool.submit(wait) for _ in range(turns.CROWD + 4)]
    for done in gone:
        with pytest.raises(GoneError):
            done.result(WAIT)
    leave.set()
    first.result(WAIT)
    assert not one._untold
    with one.turn(pytest.fail):
        pass
