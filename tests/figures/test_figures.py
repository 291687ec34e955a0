"""Figures carry the numbers of their records: traces, arrays and scales, not pixels."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from eca_viz import figures
from eca_viz.analysis.attention import gate_range
from eca_viz.analysis.saliency import saliency_limits
from eca_viz.figures import theme
from eca_viz.figures.drawn import caption_of
from eca_viz.figures.overview import row_labels
from eca_viz.figures.rows import short
from eca_viz.images.encoding import data_url
from eca_viz.kernel_size import adaptive_kernel_size
from eca_viz.records import Explanation, ReferenceGates
from tests.factories import make_layer, make_map, make_scorecard


def test_overview_has_every_weight_on_one_scale(explained: Explanation) -> None:
    figure = figures.overview(explained.attention)
    assert len(figure.data) == len(explained.attention)
    for row, (trace, record) in enumerate(zip(figure.data, explained.attention, strict=True)):
        assert trace.type == "heatmap"
        assert trace.coloraxis == "coloraxis"
        assert tuple(trace.y) == (row,)
        np.testing.assert_array_equal(trace.z, record.weights)
        assert 0 < trace.x[0] < trace.x[-1] < 1
        channel, descriptor, logit, _, _ = np.moveaxis(trace.customdata[0], -1, 0)
        np.testing.assert_array_equal(channel, np.arange(record.channels))
        np.testing.assert_array_equal(descriptor, record.descriptor[0])
        np.testing.assert_array_equal(logit, record.logits[0])
    axis = figure.layout.coloraxis
    assert (axis.cmin, axis.cmax) == gate_range(explained.attention)
    assert figure.layout.yaxis.autorange == "reversed"
    assert figure.layout.yaxis.ticktext[0] == "layer1.0 · C 64 · k 3"


def test_overview_ranks_channels_by_weight() -> None:
    trace = figures.overview([make_layer([0.2, 0.9, 0.5])]).data[0]
    assert trace.customdata[0, :, 3].tolist() == [3, 1, 2]


def test_row_label_without_kernel() -> None:
    assert row_labels([make_layer([0.5, 0.5])]) == ["layer1.0 · C 2"]


@pytest.mark.parametrize(
    ("layers", "names"),
    [
        (["layer1.0.eca", "layer2.0.eca"], ["layer1.0", "layer2.0"]),
        (["backbone.body.layer1.0.eca", "backbone.body.layer1.1.se"], ["layer1.0", "layer1.1"]),
        (["backbone.body.layer1.0", "neck.eca"], ["backbone.body.layer1.0", "neck"]),
        (
            ["stages.0.1.attn_last", "stages.0.2.attn_last"],
            ["stages.0.1.attn_last", "stages.0.2.attn_last"],
        ),
        (["eca"], ["eca"]),
        (["", "2"], ["", "2"]),
    ],
)
def test_names_of_layers_in_rows(layers: list[str], names: list[str]) -> None:
    assert short(layers) == names


def test_weights_over_index_and_sorted() -> None:
    record = make_layer([0.2, 0.9, 0.5])
    over, ordered = (
        draw(record, (0.1, 1.0)) for draw in (figures.gates_over_channels, figures.sorted_gates)
    )
    np.testing.assert_array_equal(over.data[0].y, record.weights[0])
    assert ordered.data[0].y.tolist() == sorted(record.weights[0], reverse=True)
    assert ordered.data[0].customdata.tolist() == [1, 2, 0]
    for figure in (over, ordered):
        assert tuple(figure.layout.yaxis.range) == (0.1, 1.0)
        assert figure.data[0].line.shape == "hvh"
        assert figure.layout.shapes[0].y0 == pytest.approx(record.weights.mean())


def test_distribution_counts_every_channel(explained: Explanation) -> None:
    record = explained.attention[-1]
    span = gate_range(explained.attention)
    gates, bars = figures.gates_over_channels(record, span).data
    assert sum(bars.x) == record.channels
    assert gates.yaxis == bars.yaxis is None
    edges = np.linspace(*span, len(bars.y) + 1)
    np.testing.assert_allclose(bars.y, (edges[:-1] + edges[1:]) / 2, rtol=1e-6)


def test_descriptor_against_weight(explained: Explanation) -> None:
    record = explained.attention[0]
    (dots,) = figures.descriptor_against_gate(record, (0, 1)).data
    np.testing.assert_array_equal(dots.x, record.descriptor[0])
    np.testing.assert_array_equal(dots.y, record.weights[0])


def test_kernel_sizes_beside_the_formula(explained: Explanation) -> None:
    loaded, formula = figures.kernel_sizes(explained.attention).data
    assert list(loaded.y) == [record.kernel_size for record in explained.attention]
    assert list(formula.y) == [adaptive_kernel_size(r.channels) for r in explained.attention]


def test_taps_are_centred_on_one_symmetric_scale() -> None:
    layers = [make_layer([0.5] * 4, [1.0, 2.0, 3.0]), make_layer([0.5] * 4, [-4.0])]
    (grid,) = figures.taps(layers).data
    expected = [[1, 2, 3], [np.nan, -4, np.nan]]
    np.testing.assert_array_equal(grid.z, np.array(expected, dtype=np.float32))
    assert list(grid.x) == [-1, 0, 1]
    assert (grid.zmin, grid.zmax) == (-4, 4)


def test_figures_of_a_network_without_kernels() -> None:
    layers = [make_layer([0.5, 0.4])]
    assert figures.taps(layers).data[0].z.size == 0
    assert len(figures.frequency_responses(layers).data) == 0
    assert list(figures.kernel_sizes(layers).data[0].y) == [None]


def test_one_frequency_response_a_layer(explained: Explanation) -> None:
    lines = figures.frequency_responses(explained.attention).data
    assert [line.name for line in lines] == [record.layer for record in explained.attention]
    assert len({line.line.color for line in lines}) == len(lines)
    taps = explained.attention[0].taps
    assert taps is not None
    assert lines[0].y[0] == pytest.approx(abs(taps.sum()), rel=1e-5)


def test_predictions_best_on_top(explained: Explanation) -> None:
    figure = figures.predictions(explained.predictions)
    (bars,) = figure.data
    assert list(bars.x) == [p.probability for p in explained.predictions]
    assert list(bars.y) == [p.label for p in explained.predictions]
    assert figure.layout.yaxis.autorange == "reversed"


def test_overlay_shows_the_image_that_the_network_sees(explained: Explanation) -> None:
    for saliency, limit in zip(
        explained.saliency, saliency_limits(explained.saliency, shared=False), strict=True
    ):
        figure = figures.saliency_overlay(explained.seen, saliency, limit=limit, strength=0.4)
        (heat,) = figure.data
        np.testing.assert_array_equal(heat.z, saliency.values)
        assert heat.opacity == 0.4
        assert (heat.zmin, heat.zmax) == (-limit if saliency.signed else 0, limit)
        source = figure.layout.images[0].source
        data = base64.b64decode(source.removeprefix("data:image/png;base64,"))
        np.testing.assert_array_equal(np.array(Image.open(io.BytesIO(data))), explained.seen)


def test_overlay_of_a_map_of_zeros() -> None:
    saliency = make_map([[0.0, 0.0]], False)
    figure = figures.saliency_overlay(np.zeros((1, 2, 3), np.uint8), saliency, limit=1.0)
    assert figure.data[0].zmax == 1.0


def test_scales_leave_zero_transparent() -> None:
    signed = dict(theme.signed_scale())
    assert signed[0.5].endswith(",0.0)")
    assert theme.unsigned_scale()[0][1].endswith(",0.00)")
    assert [stop for stop, _ in theme.unsigned_scale()][-1] == 1


def test_colours_along_depth() -> None:
    assert len(set(theme.along_depth(16))) == 16
    assert theme.along_depth(0) == []


def test_data_url_is_lossless() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (4, 5, 3), dtype=np.uint8)
    data = base64.b64decode(data_url(pixels).partition(",")[2])
    np.testing.assert_array_equal(np.array(Image.open(io.BytesIO(data))), pixels)


@pytest.mark.parametrize("count", [1, 12])
def test_score_curves_have_a_line_for_each_map_and_a_grey_one_for_the_random_baseline(
    count: int,
) -> None:
    card = make_scorecard(count)
    for kind in ("insertion", "deletion"):
        figure = figures.score_curves(card, kind)
        for trace, score in zip(figure.data, card.scores, strict=True):
            np.testing.assert_array_equal(trace.x, card.shares)
            np.testing.assert_array_equal(trace.y, getattr(score, kind))
            assert trace.name == score.title
        looks = [(trace.line.color, trace.line.dash) for trace in figure.data]
        assert len(set(looks)) == count + 1
        assert looks[-1] == ("#7a7a7a", "dash")
        assert figure.layout.yaxis.title.text == "probability of church"


def test_the_overview_can_show_how_far_each_gate_is_from_its_mean(
    explained: Explanation,
) -> None:
    mean = {record.layer: record.weights[0] * 0.5 for record in explained.attention}
    reference = ReferenceGates("eight images", 8, mean)
    figure = figures.overview(explained.attention, mean_gates=reference)
    assert "eight images" in caption_of(figure)
    for trace, record in zip(figure.data, explained.attention, strict=True):
        np.testing.assert_allclose(trace.z, record.weights * 0.5, rtol=1e-6)
        np.testing.assert_array_equal(trace.customdata[0, :, 4], record.weights[0])
    axis = figure.layout.coloraxis
    assert axis.cmax == -axis.cmin == max(float(r.weights.max()) for r in explained.attention) / 2
