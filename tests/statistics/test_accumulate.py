"""Merged statistics against NumPy on all numbers at once, for any split and any order."""

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from eca_viz.records import LayerAttention, as_floats
from eca_viz.records.statistics import BINS, LayerStatistics
from eca_viz.statistics.accumulate import NO_CLASS, Part
from tests.factories import make_layer

IMAGES, CHANNELS = 300, 5
CLASSES = ("cat", "dog", "cup", NO_CLASS)


def gates() -> np.ndarray:
    """With equal values among them, both ends of [0, 1], and a constant channel."""
    found = np.random.default_rng(0).random((IMAGES, CHANNELS)).round(2).astype(np.float32)
    found[:, 4] = 0.25
    return found


GATES = gates()
DESCRIPTORS = np.random.default_rng(1).normal(3, 2, (IMAGES, CHANNELS)).astype(np.float32)
EFFECTS = np.random.default_rng(2).normal(0, 1, (IMAGES, CHANNELS)).astype(np.float32)
NAMES = [CLASSES[number % 4] for number in range(IMAGES)]


def record(places: Sequence[int]) -> LayerAttention:
    chosen = list(places)
    empty = make_layer([0.5] * CHANNELS)
    return dataclasses.replace(
        empty,
        weights=as_floats(GATES[chosen]),
        descriptor=as_floats(DESCRIPTORS[chosen]),
        logits=as_floats(GATES[chosen]),
    )


def part(places: Sequence[int], so_far: Part | None = None) -> Part:
    layer = record(places)
    return (so_far or Part.zero()).add(
        [layer],
        [NAMES[place] for place in places],
        np.array(places, np.int64),
        {layer.layer: as_floats(EFFECTS[list(places)])},
    )


def result(whole: Part) -> LayerStatistics:
    (layer,) = whole.result([record([0])], lambda number: (f"{number}.png", f"{number:064}"))
    return layer


def in_order(size: int) -> Part:
    found = Part.zero()
    for start in range(0, IMAGES, size):
        found = part(range(start, min(start + size, IMAGES)), found)
    return found


def shuffled(size: int) -> Part:
    """Parts of images in another order, merged as a tree."""
    order = np.random.default_rng(3).permutation(IMAGES).tolist()
    parts = [part(order[start : start + size]) for start in range(0, IMAGES, size)]
    while len(parts) > 1:
        merged = [a.merge(b) for a, b in zip(parts[1::2], parts[::2], strict=False)]
        parts = merged + (parts[-1:] if len(parts) % 2 else [])
    return parts[0]


@pytest.mark.parametrize("size", [1, 7, 300])
@pytest.mark.parametrize("split", [in_order, shuffled])
def test_equals_numpy_on_all_numbers(split: Callable[[int], Part], size: int) -> None:
    found = result(split(size))
    names = np.array(NAMES)
    assert sorted(found.classes) == ["cat", "cup", "dog"]
    for name, one in [(None, found.total), *found.classes.items()]:
        chosen = slice(None) if name is None else names == name
        values, descriptors = GATES[chosen], DESCRIPTORS[chosen]
        assert one.count == len(values)
        for mean, sd, exact in (
            (one.mean, one.sd, values.astype(np.float64)),
            (one.descriptor_mean, one.descriptor_sd, descriptors.astype(np.float64)),
        ):
            np.testing.assert_allclose(mean, exact.mean(0), rtol=1e-10)
            np.testing.assert_allclose(sd, exact.std(0), rtol=1e-10, atol=1e-14)
        np.testing.assert_array_equal(one.low, values.min(0))
        np.testing.assert_array_equal(one.high, values.max(0))
        np.testing.assert_array_equal(one.descriptor_low, descriptors.min(0))
        np.testing.assert_array_equal(one.descriptor_high, descriptors.max(0))
        for channel in range(CHANNELS):
            counts = np.histogram(values[:, channel], bins=BINS, range=(0, 1))[0]
            np.testing.assert_array_equal(one.histogram[channel], counts)


@pytest.mark.parametrize("size", [1, 7, 300])
@pytest.mark.parametrize("split", [in_order, shuffled])
def test_ranked_images_are_those_of_a_stable_sort(split: Callable[[int], Part], size: int) -> None:
    found = result(split(size))
    assert found.effects is not None
    for values, highest, lowest in (
        (GATES, found.highest, found.lowest),
        (EFFECTS, found.effects.highest, found.effects.lowest),
    ):
        for channel in range(CHANNELS):
            column = values[:, channel]
            for images, keys in ((highest[channel], -column), (lowest[channel], column)):
                order = np.argsort(keys, kind="stable")[:9]
                assert [image.path for image in images] == [f"{place}.png" for place in order]
                assert [image.value for image in images] == column[order].tolist()
    exact = EFFECTS.astype(np.float64)
    np.testing.assert_allclose(found.effects.mean, exact.mean(0), rtol=1e-10)
    np.testing.assert_allclose(found.effects.sd, exact.std(0), rtol=1e-10)
    np.testing.assert_allclose(found.effects.magnitude, abs(exact).mean(0), rtol=1e-10)


@pytest.mark.parametrize("size", [1, 7, 300])
def test_effective_rank_is_that_of_all_gates(size: int) -> None:
    exact = GATES.astype(np.float64)
    singular = np.linalg.svd(exact - exact.mean(0), compute_uv=False)
    shares = singular[singular > 1e-9] / singular.sum()
    expected = np.exp(-(shares * np.log(shares)).sum())
    assert result(shuffled(size)).effective_rank == pytest.approx(expected, rel=1e-6)
    assert 3 < expected < 5


def test_constant_gates_have_no_rank() -> None:
    constant = dataclasses.replace(record([0, 0]), weights=as_floats(np.full((2, CHANNELS), 0.5)))
    found = Part.zero().add([constant], ["cat", "cat"], np.array([0, 1]))
    assert result(found).effective_rank == 0
    assert result(found).effects is None


def test_no_images_change_nothing() -> None:
    some = part(range(10))
    assert some.merge(Part.zero()) is some
    assert Part.zero().merge(some) is some
    assert some.add([record([])], [], np.array([], np.int64)) is some


def test_counts_take_as_many_bytes_as_they_need() -> None:
    """Merged with itself nineteen times, a class of 75 images has 39 million."""
    (layer,) = in_order(IMAGES).layers.values()
    first = one = layer.classes["dog"]
    sizes = []
    for _ in range(19):
        sizes.append(one.histogram.dtype.itemsize)
        one = one.merge(one)
    assert sizes == [1] * 2 + [2] * 8 + [4] * 9
    np.testing.assert_array_equal(one.histogram, first.histogram.astype(np.int64) << 19)
    assert one.gates.count == first.gates.count << 19

    of_thousand = first.merge(first).merge(first.merge(first)).merge(first.merge(first))
    held = [of_thousand.histogram]
    for moments in (of_thousand.gates, of_thousand.descriptor):
        held += [moments.mean, moments.squares, moments.low, moments.high]
    assert sum(one.nbytes for one in held) == 176 * CHANNELS
