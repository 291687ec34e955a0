"""The figures of A, B and A − B carry the numbers, and zero is in the middle of the scale."""

import numpy as np
import pytest

from eca_viz import figures
from eca_viz.analysis.class_matching import prediction_table
from eca_viz.analysis.comparison import SHARES, compare
from eca_viz.figures import theme
from eca_viz.figures.rows import gap, rows, short
from tests.factories import layer, side


def comparison():
    return compare(
        side([layer("x.eca", [0.9, 0.25]), layer("y", [0.2])], probabilities=(0.7, 0.2, 0.1)),
        side([layer("x.eca", [0.4, 0.75]), layer("y", [0.1, 0.3])], probabilities=(0.1, 0.2, 0.7)),
    )


def test_overview_of_differences() -> None:
    figure = figures.comparison_overview(comparison())
    channelwise, ordered = figure.data
    np.testing.assert_allclose(channelwise.z, [[0.5, -0.5]])
    np.testing.assert_allclose(channelwise.customdata[0, :, 1:], [[0.9, 0.4], [0.25, 0.75]])
    np.testing.assert_allclose(ordered.z[0], 0.2 - (0.1 + 0.2 * SHARES), atol=1e-7)
    assert (figure.layout.coloraxis.cmin, figure.layout.coloraxis.cmax) == (-0.5, 0.5)
    assert list(figure.layout.yaxis.ticktext) == ["x · C 2", "y · C 1 | 2"]


def test_one_layer_channel_by_channel() -> None:
    pair = comparison().pairs[0]
    a, b = figures.comparison_layer(pair).data
    np.testing.assert_array_equal(a.y, pair.a.weights[0])
    np.testing.assert_array_equal(b.y, pair.b.weights[0])
    assert (a.name, b.name) == ("A", "B")
    assert a.line.color != b.line.color
    below, above = figures.difference_layer(pair, 0.5).data
    np.testing.assert_allclose(below.y, [0, -0.5])
    np.testing.assert_allclose(above.y, [0.5, 0])
    assert (below.line.color, above.line.color) == (theme.LOW, theme.HIGH)


def test_one_layer_of_different_sizes() -> None:
    pair = comparison().pairs[1]
    a, b = figures.comparison_layer(pair).data
    np.testing.assert_allclose(a.x, SHARES)
    np.testing.assert_allclose(b.y, 0.1 + 0.2 * SHARES, atol=1e-7)
    figure = figures.difference_layer(pair, 0.5)
    assert list(figure.layout.yaxis.range) == [pytest.approx(-0.525), pytest.approx(0.525)]


def test_predictions() -> None:
    table = prediction_table(comparison())
    a, b = figures.comparison_predictions(table).data
    assert list(a.x) == table["a"].tolist()
    assert list(b.x) == table["b"].tolist()
    figure = figures.difference_predictions(table)
    np.testing.assert_allclose(figure.data[0].x, [60, 0, -60], atol=1e-9)
    assert (figure.data[0].marker.cmin, figure.data[0].marker.cmax) == (-60, 60)
    assert list(figure.layout.yaxis.ticktext) == ["cat", "dog", "cup"]


def test_classes_of_one_side_alone_have_no_bar() -> None:
    found = compare(side([], ("cat", "dog"), (0.6, 0.4)), side([], ("cup", "fox"), (0.6, 0.4)))
    table = prediction_table(found)
    assert list(figures.comparison_predictions(table).data[0].text) == ["60.0%", "40.0%", "", ""]
    assert list(figures.difference_predictions(table).data[0].text) == [""] * 4


def test_a_long_name_leaves_room_for_its_bar() -> None:
    labels = ("Norwegian elkhound, elkhound", "cat")
    one = side([], labels, (0.6, 0.4))
    figure = figures.comparison_predictions(prediction_table(compare(one, one)))
    assert list(figure.layout.yaxis.ticktext) == ["Norwegian elkhound, e…", "cat"]
    assert figure.data[0].customdata[0] == labels[0]


def test_two_overviews_on_one_scale() -> None:
    figure = figures.overview(comparison().a.attention, span=(0.0, 1.0))
    assert (figure.layout.coloraxis.cmin, figure.layout.coloraxis.cmax) == (0.0, 1.0)


def test_rows_leave_gaps_while_there_is_room() -> None:
    assert (gap(8), gap(100)) == (5, 2)
    figure = rows(["x", "y"], title="t", span=(0, 1), colorscale=theme.GATE_SCALE)
    assert list(figure.layout.yaxis.tickvals) == [0, 1]
    assert list(figure.layout.coloraxis.colorbar.tickvals) == [0, 0.5, 1]


def test_rows_have_the_blocks_names() -> None:
    names = ("layer1.0.eca", "stages.3.b.attn", "stages.3.b.attn_last", "eca")
    assert short(names) == ["layer1.0", "stages.3.b", names[2], names[3]]
