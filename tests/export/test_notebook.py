"""What records draw of themselves in a notebook: static, small, escaped, and in their numbers."""

import base64
import dataclasses
import io
import re

import numpy as np
import pytest
from PIL import Image
from plotly.colors import sample_colorscale
from torch import nn, rand

import eca_viz
from eca_viz.analysis.attention import gate_range
from eca_viz.analysis.familiarity import headline
from eca_viz.export.notebook import attention_html, blended, explanation_html, layer_html
from eca_viz.records import Explanation
from tests.factories import LookAlike, layer, make_map

WHITE = np.full((2, 2, 3), 255, np.uint8)


def strips(page: str) -> list[np.ndarray]:
    """The colours of every layer's gates as they are drawn, RGB."""
    found = re.findall(r'src="data:image/png;base64,([^"]+)" alt="Gates of', page)
    images = (Image.open(io.BytesIO(base64.b64decode(one))) for one in found)
    return [np.asarray(image.convert("RGB")) for image in images]


def test_an_explanation_shows_prediction_maps_and_every_layer(explained: Explanation) -> None:
    page = explained._repr_html_()
    assert headline(explained) in page
    assert page.count("<img") == 1 + len(explained.saliency) + len(explained.attention) + 1
    for record in explained.attention:
        assert f">{record.layer}</td>" in page
        assert f">{record.weights.mean():.3f}</td>" in page
    for prediction in explained.predictions:
        assert f">{prediction.probability:.1%}</td>" in page


def test_the_colours_are_those_of_the_gates(explained: Explanation) -> None:
    low, high = gate_range(explained.attention)
    drawn = strips(explained._repr_html_())
    assert [one.shape[:2] for one in drawn] == [(1, r.channels) for r in explained.attention]
    for pixels, record in zip(drawn, explained.attention, strict=True):
        shares = (record.weights[0] - low) / (high - low)
        colours = sample_colorscale("Viridis", list(shares.astype(float)))
        expected = [[float(n) for n in re.findall(r"[\d.]+", colour)] for colour in colours]
        np.testing.assert_allclose(pixels[0], expected, atol=3)


def test_it_is_static_small_and_needs_nothing_from_elsewhere(explained: Explanation) -> None:
    page = explained._repr_html_()
    assert len(page) <= 400_000
    assert not re.search(r"<(script|style|link|iframe)", page)
    assert all(one.startswith("data:image/") for one in re.findall(r'src="([^"]+)"', page))
    assert "color:inherit" in page
    assert not re.search(r"background(-color)?:\s*(#fff|white)", page)


def test_names_are_escaped(explained: Explanation) -> None:
    image = dataclasses.replace(explained.image, name="<b>&")
    page = explanation_html(dataclasses.replace(explained, image=image))
    assert "&lt;b&gt;&amp;" in page
    assert "<b>" not in page


def test_a_network_without_attention_says_so(explained: Explanation) -> None:
    page = explanation_html(dataclasses.replace(explained, attention=(), unread=("x is odd",)))
    assert "No attention layer" not in page
    assert "x is odd." in page


def test_a_layer_shows_a_line_for_each_image_and_its_strongest_channels() -> None:
    record = layer("a.eca", [0.2, 0.9, 0.4])
    assert "1 (0.900), 2 (0.400), 0 (0.200)" in record._repr_html_()
    batch = dataclasses.replace(record, weights=np.repeat(record.weights, 70, axis=0))
    page = layer_html(batch)
    assert "70 images, 64 shown" in page
    assert strips(page)[0].shape == (64, 3, 3)


def test_a_layer_of_one_constant_gate_is_drawn() -> None:
    assert strips(layer("a", [0.5, 0.5])._repr_html_())[0].shape == (1, 2, 3)


def test_gates_that_are_no_numbers_are_grey_and_in_no_list() -> None:
    record = layer("a", [0.2, float("nan"), 0.4])
    page = record._repr_html_()
    assert "Strongest channels: 2 (0.400), 0 (0.200)<" in page
    assert strips(page)[0][0, 1].tolist() == [128, 128, 128]
    assert gate_range([record]) == (0.2, 0.5)
    nothing = layer("a", [float("nan")] * 2)
    assert strips(nothing._repr_html_())[0].tolist() == [[[128] * 3] * 2]
    none = dataclasses.replace(record, weights=record.weights[:0])
    assert "No image." in none._repr_html_()
    assert ">–</td>" in attention_html([none])


def test_many_images_and_channels_stay_small() -> None:
    weights = np.random.default_rng(0).random((64, 5000), np.float32)
    wide = dataclasses.replace(layer("a", [0.5]), channels=5000, weights=weights)
    page = attention_html([wide] * 80)
    assert "64 images, 1 shown in colours" in page
    assert len(page) <= 400_000
    drawn = strips(layer_html(wide))[0]
    assert drawn.shape == (64, 2048, 3)


def test_a_recorder_shows_its_last_pass() -> None:
    model = nn.Sequential(nn.Conv2d(3, 8, 3), LookAlike(), nn.Conv2d(8, 8, 3), LookAlike())
    with eca_viz.capture(model) as recorder:
        assert "No attention layer has been recorded." in recorder._repr_html_()
        model(rand(2, 3, 8, 8))
        model(rand(5, 3, 8, 8))
    assert [len(one) for one in strips(recorder._repr_html_())] == [5, 5]


@pytest.mark.parametrize(
    ("signed", "value", "expected"),
    [(True, 0.0, [255, 255, 255]), (False, 0.0, [255, 255, 255]), (True, 1.0, None)],
)
def test_a_map_is_blended_in_the_colours_of_the_interactive_one(
    signed: bool, value: float, expected: list[int] | None
) -> None:
    saliency = make_map([[value, value], [value, value]], signed=signed)
    # 0.8 of the overlay's strength × 0.95 at the end of the scale, over white.
    alpha = 0.8 * 0.95
    red = [round((1 - alpha) * 255 + alpha * channel) for channel in (178, 24, 43)]
    assert blended(WHITE, saliency, limit=1.0)[0, 0].tolist() == (expected or red)
