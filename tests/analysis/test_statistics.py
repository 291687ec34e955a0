"""Saturation, variance between classes, and what is said of them."""

import dataclasses

import numpy as np
import pytest

from eca_viz.analysis import statistics
from eca_viz.records import FolderStatistics, GateDistribution, LayerStatistics, NetworkRecord
from eca_viz.records.statistics import BINS


def distribution(gates: np.ndarray) -> GateDistribution:
    """That of gates (n, C)."""
    counts = [np.histogram(column, bins=BINS, range=(0, 1))[0] for column in gates.T]
    single = gates.astype(np.float32)
    return GateDistribution(
        count=len(gates),
        mean=gates.mean(0),
        sd=gates.std(0),
        low=single.min(0),
        high=single.max(0),
        histogram=np.stack(counts),
        descriptor_mean=gates.mean(0),
        descriptor_sd=gates.std(0),
        descriptor_low=single.min(0),
        descriptor_high=single.max(0),
    )


def layer(name: str, classes: dict[str, np.ndarray]) -> LayerStatistics:
    gates = np.concatenate(list(classes.values()))
    ranked = tuple(() for _ in range(gates.shape[1]))
    return LayerStatistics(
        layer=name,
        stage=name.partition(".")[0],
        mechanism="eca",
        channels=gates.shape[1],
        kernel_size=3,
        total=distribution(gates),
        classes={key: distribution(values) for key, values in classes.items()},
        highest=ranked,
        lowest=ranked,
        effective_rank=1.5,
    )


def whole(*layers: LayerStatistics) -> FolderStatistics:
    record = NetworkRecord("n", "N", "0" * 64, ("a", "b"), "", "", {})
    return FolderStatistics(record, "images", "label", layers, 200, 1, 200, 0.5, {})


def random(low: float, high: float, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(low, high, (100, 4))


def test_saturation_counts_gates_near_ends_and_middle() -> None:
    gates = np.array([[0.0, 0.0624], [0.0626, 0.5], [0.4376, 0.5624], [0.5626, 0.9376]])
    found = statistics.saturation(layer("a.0", {"a": gates}))
    assert (found.zero, found.half, found.one) == (2 / 8, 3 / 8, 1 / 8)


def test_eta_squared_is_that_of_an_analysis_of_variance() -> None:
    a, b = random(0.1, 0.5), random(0.3, 0.9, 1)
    each, together = statistics.between_classes(layer("a.0", {"a": a, "b": b}))
    both = np.concatenate([a, b])
    total = np.square(both - both.mean(0)).sum(0)
    between = 100 * (np.square(a.mean(0) - both.mean(0)) + np.square(b.mean(0) - both.mean(0)))
    np.testing.assert_allclose(each, between / total)
    assert together == pytest.approx(between.sum() / total.sum())


def test_gates_without_variance_or_classes_differ_in_nothing() -> None:
    constant = np.full((10, 4), 0.5)
    assert statistics.between_classes(layer("a.0", {"a": constant, "b": constant}))[1] == 0
    one = dataclasses.replace(layer("a.0", {"a": constant}), classes={})
    assert statistics.between_classes(one)[1] == 0


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.95, 1.0, "a.0 is near 1 for 100% of gates: close to a constant."),
        (0.0, 0.06, "a.0 is near 0 for 100% of gates: close to a constant."),
        (0.45, 0.55, "a.0 is near ½ for 100% of gates: close to a constant."),
        (0.1, 0.4, "a.0: 0% of gates are near 0 or 1, 0% near ½; its gates vary along 1.5 of 4"),
    ],
)
def test_each_layer_gets_a_sentence(low: float, high: float, words: str) -> None:
    assert statistics.layer_sentence(layer("a.0", {"a": random(low, high)})).startswith(words)


def test_the_sentence_on_depth_says_what_the_numbers_say() -> None:
    alike = layer("a.0", {"a": random(0.2, 0.4), "b": random(0.2, 0.4, 1)})
    apart = layer("b.0", {"a": random(0.1, 0.2), "b": random(0.7, 0.8, 1)})
    told = statistics.depth_sentence(whole(alike, apart))
    assert "as the SE paper tells" in told
    assert "most in b.0, 99%" in told or "most in b.0, 100%" in told
    assert "against what the SE paper tells" in statistics.depth_sentence(whole(apart, alike))
    assert "nothing can be said" in statistics.depth_sentence(whole(alike))


def test_the_overview_has_a_line_a_layer() -> None:
    one = layer("layer1.0.eca", {"a": random(0.2, 0.4), "b": random(0.3, 0.5, 1)})
    lines = statistics.overview_lines(whole(one, one))
    assert lines[0] == "200 images in 2 classes by label, top-1 0.5000 on 200 labelled; 1 skipped"
    assert lines[2].split()[:3] == ["layer1.0.eca", "4", f"{one.total.mean.mean():.3f}"]
    assert len(lines) == 5
