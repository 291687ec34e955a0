"""The figures of one channel show the numbers that they are given."""

import json

import numpy as np
import pytest

import eca_viz
from eca_viz import figures
from eca_viz.analysis.channel_steps import leading_terms, map_table, terms_table
from eca_viz.figures import theme
from eca_viz.inspection.channel_steps import channel_steps
from eca_viz.inspection.feature_maps import feature_maps
from eca_viz.networks.loading import load_network
from eca_viz.networks.registry import DEFAULT_NETWORK
from eca_viz.records import ChannelSteps, Explanation, Terms


def some_terms(count: int, bias: float = 0.0) -> Terms:
    generator = np.random.default_rng(5)
    values, coefficients = generator.normal(size=(2, count)).astype(np.float32)
    places = np.arange(count)
    return Terms(places, places, values, coefficients, bias)


@pytest.fixture(scope="module")
def steps(explained: Explanation) -> tuple[ChannelSteps, ...]:
    layer = explained.attention[-1].layer
    return channel_steps(load_network(DEFAULT_NETWORK), explained, layer, range(24))


def test_columns_are_the_terms_and_end_at_the_logit(steps: tuple[ChannelSteps, ...]) -> None:
    one = steps[0]
    drawn = figures.channel_terms(one)
    values, coefficients, products = drawn.data
    np.testing.assert_array_equal(values.y, one.terms.values)
    np.testing.assert_array_equal(coefficients.y, one.terms.coefficients)
    np.testing.assert_allclose(products.y[:-1], one.terms.products)
    assert products.measure[-1] == "total"
    assert float(products.text[-1]) == pytest.approx(one.logit, abs=1e-4)
    labels = drawn.layout.xaxis.ticktext
    assert labels == ("padding",) * 2 + tuple(f"channel<br>{channel}" for channel in range(3)) + (
        "z",
    )
    assert len(drawn.layout.shapes) == 2


def test_signs_have_the_colours_of_matrices(steps: tuple[ChannelSteps, ...]) -> None:
    coefficients = figures.channel_terms(steps[5]).data[1]
    expected = [theme.HIGH if tap > 0 else theme.LOW for tap in steps[5].terms.coefficients]
    assert list(coefficients.marker.color) == expected


def test_of_many_terms_the_small_ones_share_a_column() -> None:
    terms = some_terms(100, bias=0.25)
    drawn = figures.bottleneck_terms(terms)
    products = drawn.data[2]
    assert drawn.layout.xaxis.ticktext[-3:] == ("92<br>others", "bias", "sum")
    assert sum(products.y[:-1]) == pytest.approx(terms.total, abs=1e-6)
    shown, rest = leading_terms(terms, 8)
    assert shown == sorted(shown)
    assert np.abs(terms.products[shown]).min() >= np.abs(np.delete(terms.products, shown)).max()
    assert rest == pytest.approx(terms.total - 0.25 - terms.products[shown].sum())


def test_the_table_adds_up(steps: tuple[ChannelSteps, ...]) -> None:
    table = terms_table(steps[1].terms)
    np.testing.assert_allclose(table["value"] * table["coefficient"], table["product"])
    assert table["sum"].iloc[-1] == pytest.approx(steps[1].logit, abs=1e-5)
    assert table["from"].tolist() == ["padding", "0", "1", "2", "3"]
    with_bias = terms_table(some_terms(3, bias=0.5))
    assert with_bias["from"].tolist() == ["0", "1", "2", "bias"]
    assert with_bias["sum"].iloc[-1] == pytest.approx(some_terms(3, bias=0.5).total)


@pytest.mark.parametrize("activation", ["sigmoid", "hard sigmoid"])
def test_the_point_lies_on_the_curve(activation: str, steps: tuple[ChannelSteps, ...]) -> None:
    one = steps[7]
    given = ChannelSteps(**{**one.__dict__, "activation": activation})
    curve, point = figures.activation_curve(given).data
    assert point.x[1] == one.logit
    assert point.y[1] == one.weight
    expected = (
        1 / (1 + np.exp(-curve.x)) if activation == "sigmoid" else np.clip(curve.x / 6 + 0.5, 0, 1)
    )
    np.testing.assert_allclose(curve.y, expected)


def test_every_frame_of_the_window_is_one_channel(steps: tuple[ChannelSteps, ...]) -> None:
    drawn = figures.channel_window(steps, 3)
    assert len(drawn.frames) == len(steps) == 24
    for one, frame in zip(steps, drawn.frames, strict=True):
        window, taps, products, weight = frame.data
        assert frame.name == str(one.channel)
        np.testing.assert_array_equal(window.x, one.terms.places)
        np.testing.assert_array_equal(window.y, one.terms.values)
        np.testing.assert_array_equal(taps.y, one.terms.coefficients)
        np.testing.assert_allclose(np.sum(products.y), one.logit, atol=1e-5)
        assert weight.y == (one.weight,)
    assert drawn.layout.sliders[0].active == 3
    assert [button.label for button in drawn.layout.updatemenus[0].buttons] == [
        "▶ Play",
        "❚❚ Pause",
    ]
    shaded = [(shape.x0 + shape.x1) / 2 for shape in drawn.layout.shapes]
    assert shaded == [-2, -1]
    # The first picture is the frame of the picked channel.
    for first, moving in zip(drawn.data[2:], drawn.frames[3].data, strict=True):
        np.testing.assert_array_equal(first.x, moving.x)
        np.testing.assert_array_equal(first.y, moving.y)


def test_the_window_stays_small_on_the_wire(steps: tuple[ChannelSteps, ...]) -> None:
    assert len(figures.channel_window(steps, 3).to_json()) < 60_000


def test_maps_before_and_behind_the_gate(explained: Explanation) -> None:
    record = explained.attention[2]
    maps = feature_maps(load_network(DEFAULT_NETWORK), explained, record.layer)
    channels = {"picked": 4, "strongest": 9, "weakest": 30}
    drawn = figures.feature_maps(explained.seen, maps.before, record, channels)
    for row, channel in enumerate(channels.values()):
        before, after = drawn.data[2 * row : 2 * row + 2]
        np.testing.assert_array_equal(before.z, maps.before[channel])
        np.testing.assert_allclose(after.z, maps.before[channel] * record.weights[0, channel])
        # Each value lies over the part of the image that it stands for.
        assert before.x0 * 2 == before.dx == explained.seen.shape[1] / before.z.shape[1]
    assert {trace.coloraxis for trace in drawn.data} == {"coloraxis"}
    end = max(float(np.abs(maps.before[channel]).max()) for channel in channels.values())
    assert drawn.layout.coloraxis.cmax == -drawn.layout.coloraxis.cmin == pytest.approx(end)
    assert len(drawn.layout.images) == 6

    own = figures.feature_maps(explained.seen, maps.before, record, channels, shared=False)
    assert [trace.coloraxis for trace in own.data[::2]] == ["coloraxis", "coloraxis2", "coloraxis3"]
    assert own.layout.coloraxis2.cmax == pytest.approx(float(np.abs(maps.before[9]).max()))

    table = map_table(maps, record, channels)
    np.testing.assert_allclose(table["mean"], record.descriptor[0, [4, 9, 30]], atol=1e-5)


def test_the_picked_channel_is_marked(explained: Explanation) -> None:
    record = explained.attention[1]
    attention = explained.attention
    for channel in (3, 16):  # the frame moves, it is not one more
        drawn = figures.framed(figures.overview(attention), attention, record, channel)
    (cell,) = drawn.layout.shapes
    assert (cell.x0, cell.x1) == (16 / 64, 17 / 64)
    assert (cell.y0, cell.y1) == (0.5, 1.5)
    weights = record.weights[0]
    rank = int((weights > weights[16]).sum())
    for draw, x in (
        (figures.gates_over_channels, 16),
        (figures.sorted_gates, rank),
        (figures.descriptor_against_gate, float(record.descriptor[0, 16])),
    ):
        (arrow,) = draw(record, (0.0, 1.0), 16).layout.annotations
        assert arrow.text == "16"
        assert arrow.x == pytest.approx(x)
        assert not draw(record, (0.0, 1.0)).layout.annotations


def test_se_shows_its_bottleneck(explained: Explanation) -> None:
    network = load_network("resnet_tiny_se")
    explanation = eca_viz.explain(explained.image, network, saliency=())
    (one,) = channel_steps(network, explanation, explanation.attention[0].layer, [3])
    drawn = figures.channel_terms(one)
    assert json.loads(drawn.to_json())["layout"]["yaxis"]["title"]["text"] == "bottleneck h"
    assert drawn.layout.xaxis.ticktext[0] == "h<br>0"
