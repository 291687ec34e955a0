"""Figures of the mechanisms carry their records' numbers."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from eca_viz import figures
from eca_viz.figures.ablation import EQ_12
from eca_viz.figures.matrix import CELLS
from eca_viz.kernel_size import adaptive_kernel_size
from eca_viz.records import Explanation
from tests.factories import make_layer, rows


def test_matrix_leaves_zeros_blank() -> None:
    values = np.array([[0.5, 0.0], [-2.0, 1.0]], dtype=np.float32)
    (trace,) = figures.matrix(values).data
    np.testing.assert_array_equal(trace.z, [[0.5, np.nan], [-2.0, 1.0]])
    assert (trace.zmin, trace.zmax) == (-2, 2)
    assert not trace.showscale
    (shared,) = figures.jacobian(values, limit=4.0).data
    assert (shared.zmin, shared.zmax, shared.showscale) == (-4, 4, True)


def test_matrix_of_nothing_is_blank() -> None:
    (trace,) = figures.matrix(np.zeros((3, 3), dtype=np.float32)).data
    assert np.isnan(trace.z).all()
    assert trace.zmax == 1


def test_a_large_matrix_is_drawn_in_fewer_cells_at_its_own_channels() -> None:
    values = np.diag(np.arange(1, 2 * CELLS + 1)).astype(np.float32)
    figure = figures.matrix(values)
    (trace,) = figure.data
    assert trace.z.shape == (CELLS, CELLS)
    assert trace.dx == trace.dy == 2
    np.testing.assert_array_equal(np.diag(trace.z), np.arange(2, 2 * CELLS + 1, 2))
    assert tuple(figure.layout.yaxis.range) == (2 * CELLS - 1, -1), "the first gate is on top"


def test_every_run_is_a_dot_and_every_mechanism_a_mean() -> None:
    titles = {"se": "SE", "eca": "ECA", "none": "No attention"}
    figure = figures.accuracies(rows(eca=[0.80, 0.82], se=[0.79], eca_k9=[0.5]), titles)
    first, second, mean = figure.data
    assert (first.name, second.name, mean.name) == ("seed 0", "seed 1", "mean")
    assert {trace.mode for trace in figure.data} == {"markers"}, "categories are not joined"
    assert tuple(first.y) == ("SE", "ECA")
    np.testing.assert_allclose(first.x, [79, 80])
    np.testing.assert_allclose(second.x, [82])
    np.testing.assert_allclose(mean.x, [79, 81])
    assert tuple(mean.customdata) == (1, 2)


def test_the_sweep_is_in_the_order_of_k_with_eq_12_last() -> None:
    runs = rows(eca=[0.82], eca_k9=[0.7, 0.74], eca_k1=[0.8], se=[0.1])
    figure = figures.kernel_sweep(runs, {"eca_k1": 1, "eca_k3": 3, "eca_k9": 9})
    dots, means = figure.data
    assert tuple(figure.layout.xaxis.categoryarray) == ("1", "3", "9", EQ_12)
    assert sorted(zip(dots.x, dots.y, strict=True)) == [
        ("1", 80),
        ("9", pytest.approx(70)),
        ("9", pytest.approx(74)),
        (EQ_12, pytest.approx(82)),
    ]
    assert tuple(means.x) == ("1", "9", EQ_12)
    np.testing.assert_allclose(means.y, [80, 72, 82])
    assert tuple(means.customdata) == (1, 2, 1)


def test_gates_side_by_side_on_one_scale_and_how_alike() -> None:
    layers = [make_layer([0.25, 0.5, 0.75]), make_layer([0.75, 0.5, 0.25]), make_layer([0.5] * 3)]
    titles = ["a", "b", "c"]
    (trace,) = figures.mechanism_gates(titles, layers).data
    np.testing.assert_array_equal(trace.z, [layer.weights[0] for layer in layers])
    np.testing.assert_allclose((trace.zmin, trace.zmax), (0.2, 0.8))
    (alike,) = figures.mechanism_similarity(titles, layers).data
    nan = np.nan
    np.testing.assert_allclose(alike.z, [[1, -1, nan], [-1, 1, nan], [nan, nan, nan]], atol=1e-12)
    assert (alike.zmin, alike.zmax) == (-1, 1)


def test_class_probabilities_have_every_class_of_every_network(explained: Explanation) -> None:
    other = dataclasses.replace(explained, probabilities=explained.probabilities[::-1].copy())
    (trace,) = figures.class_probabilities(["a", "b"], [explained, other]).data
    np.testing.assert_array_equal(trace.z, [explained.probabilities, other.probabilities])
    assert tuple(trace.x) == explained.network.labels


def test_bottleneck_shows_all_its_values() -> None:
    figure = figures.bottleneck(np.array([0.0, 2.5], dtype=np.float32), 32)
    np.testing.assert_array_equal(figure.data[0].y, [0, 2.5])
    assert figure.layout.title.text == "32 channels through 2 values"


@pytest.mark.parametrize(("gamma", "b"), [(2.0, 1.0), (1.0, 0.0), (4.0, -2.0)])
def test_the_staircase_is_eq_12_for_every_c(gamma: float, b: float) -> None:
    figure = figures.adaptive_kernel([], gamma=gamma, b=b)
    line = figure.data[0]
    assert (line.x[0], line.x[-1]) == (2, 4096)
    assert line.line.shape == "hv"
    for channels in (2, 3, 7, 8, 31, 32, 127, 128, 1000, 2048, 4095, 4096):
        k = np.interp(channels, line.x, line.y)
        assert k == adaptive_kernel_size(channels, gamma, b), channels


def test_layers_stand_at_their_own_channels_and_k() -> None:
    layer = dataclasses.replace(make_layer([0.5] * 8), kernel_size=5)
    without = dataclasses.replace(layer, kernel_size=None)
    marks = figures.adaptive_kernel([layer, without], gamma=2, b=1).data[1]
    assert (tuple(marks.x), tuple(marks.y)) == ((8,), (5,))


def test_no_figure_module_is_left_out() -> None:
    """Each of these files draws what its package exports."""
    folder = Path(figures.__file__).parent
    shared = {"__init__", "theme", "drawn", "over_image", "rows", "words"}
    found = [getattr(figures, name) for name in figures.__all__]
    homes = {draw.__module__.rpartition(".")[2] for draw in found if callable(draw)}
    assert {path.stem for path in folder.glob("*.py")} - shared == homes
