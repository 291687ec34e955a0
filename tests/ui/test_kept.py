"""Results are kept up to a number of bytes, each computed once."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pytest
from cachetools import LRUCache

import eca_viz
from eca_viz.ui import kept
from eca_viz.ui.limits import Limits
from tests.factories import make_pixels

MIB = 2**20


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[LRUCache]:
    """One of 10 MiB."""
    own = kept.store(10)
    monkeypatch.setattr(kept, "_store", own)
    yield own
    assert own.currsize <= 10 * MIB


@dataclass
class Pair:
    first: np.ndarray
    others: dict[str, tuple[np.ndarray, ...]]


def test_a_size_is_that_of_all_arrays() -> None:
    ones = np.ones((1000, 100), np.float32)
    assert kept.size(ones) == 400_000
    assert kept.size(ones[::2].view()) == 200_000
    whole = kept.size(Pair(ones, {"a": (ones, ones), "b": ()}))
    assert 1_200_000 < whole < 1_202_000
    assert 1000 < kept.size([bytes(1000)]) < 1200
    explanation = eca_viz.explain(make_pixels(), "resnet_tiny_eca", ())
    arrays = [explanation.seen, explanation.probabilities]
    for record in explanation.attention:
        arrays += [record.weights, record.descriptor, record.logits]
    least = sum(one.nbytes for one in arrays)
    assert least < kept.size(explanation) < least + 50_000
    image = explanation.image
    assert image.pixels.nbytes < kept.size(image) < image.pixels.nbytes + 50_000


def test_what_was_longest_not_asked_for_goes_first(store: LRUCache) -> None:
    made: list[int] = []

    @kept.kept(lambda number: number)
    def four(number: int) -> np.ndarray:
        made.append(number)
        return np.zeros(4 * MIB, np.uint8)

    @kept.kept(lambda number: number)
    def small(number: int) -> np.ndarray:
        return np.zeros(MIB, np.uint8)

    for number in (1, 2, 1, 3):
        four(number)
    assert made == [1, 2, 3]
    assert [kept.is_kept(four, number) for number in (1, 2, 3)] == [True, False, True]
    small(1)
    assert not kept.is_kept(small, 2)
    small(2)
    four(1)
    assert store.currsize <= 10 * MIB
    small(3)  # of all functions together: the third of the large ones goes
    assert [kept.is_kept(four, number) for number in (1, 3)] == [True, False]
    assert made == [1, 2, 3]


def test_what_is_larger_than_all_is_given_and_not_kept(store: LRUCache) -> None:
    @kept.kept(lambda: None)
    def eleven() -> np.ndarray:
        return np.zeros(11 * MIB, np.uint8)

    assert eleven().nbytes == 11 * MIB
    assert not kept.is_kept(eleven)
    kept.keep(eleven, np.zeros(12 * MIB, np.uint8))
    assert not store
    kept.keep(eleven, np.zeros(3, np.uint8))
    assert eleven().nbytes == 3


@pytest.mark.usefixtures("store")
def test_who_asks_at_the_same_time_gets_one_result_and_the_next_after_a_failure() -> None:
    together, made = threading.Barrier(4), []

    @kept.kept(lambda number: number)
    def once(number: int) -> np.ndarray:
        made.append(number)
        if len(made) == 1:
            raise InterruptedError
        return np.array([number])

    def ask(_: int) -> np.ndarray | None:
        together.wait()
        try:
            return once(7)
        except InterruptedError:
            return None

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(ask, range(4)))
    (result, *others) = [one for one in found if one is not None]
    assert len(others) == 2
    assert all(one is result for one in others)
    assert made == [7, 7]


def test_the_limit_is_the_one_that_is_set() -> None:
    assert kept._store.maxsize == Limits().result_megabytes * MIB
