"""Layer and channel are picked once, for all pages and networks."""

import pytest
from streamlit.testing.v1 import AppTest

import eca_viz
from eca_viz.analysis.attention import standing_out, widest
from eca_viz.images.samples import SAMPLES
from eca_viz.ui import state
from tests.ui.factories import ATTENTION, KERNELS, healthy


def picked(app: AppTest) -> tuple[str, int]:
    layer, channel = app.selectbox(key=state.LAYER), app.number_input(key=state.CHANNEL)
    assert channel.max == 2 ** {"1": 6, "2": 7, "3": 8, "4": 9}[layer.value[5]] - 1
    return layer.value, channel.value


def pick(app: AppTest, layer: str, channel: int) -> None:
    healthy(app.selectbox(key=state.LAYER).set_value(layer).run())
    healthy(app.number_input(key=state.CHANNEL).set_value(channel).run())


def test_the_choice_survives_another_page_and_another_image(app: AppTest) -> None:
    healthy(app.run())
    attention = eca_viz.explain(SAMPLES[0].read(), saliency=()).attention
    first = widest(attention)
    assert picked(app) == (first.layer, standing_out(first))
    pick(app, "layer3.1.eca", 200)
    healthy(app.switch_page(KERNELS).run())
    healthy(app.radio(key=state.IMAGE).set_value(SAMPLES[2].name).run())
    healthy(app.switch_page(ATTENTION).run())
    assert picked(app) == ("layer3.1.eca", 200)
    assert app.query_params[state.LAYER] == "layer3.1.eca"
    assert app.query_params[state.CHANNEL] == "200"


def test_a_channel_that_the_layer_does_not_have_becomes_one_that_stands_out(app: AppTest) -> None:
    healthy(app.run())
    pick(app, "layer4.0.eca", 300)
    healthy(app.selectbox(key=state.LAYER).set_value("layer1.0.eca").run())
    record = eca_viz.explain(SAMPLES[0].read(), saliency=()).layer("layer1.0.eca")
    assert picked(app) == ("layer1.0.eca", standing_out(record))


def test_a_network_without_the_layer_shows_its_widest(app: AppTest) -> None:
    healthy(app.run())
    pick(app, "layer4.0.eca", 300)
    healthy(app.selectbox(key=state.NETWORK).set_value("resnet_tiny_se").run())
    assert "layer4.0.eca" not in app.selectbox(key=state.LAYER).options
    attention = eca_viz.explain(SAMPLES[0].read(), "resnet_tiny_se", saliency=()).attention
    assert app.selectbox(key=state.LAYER).value == widest(attention).layer
    assert app.number_input(key=state.CHANNEL).value <= app.number_input(key=state.CHANNEL).max


def test_a_link_holds_layer_and_channel(app: AppTest) -> None:
    app.query_params[state.LAYER] = "layer2.1.eca"
    app.query_params[state.CHANNEL] = "17"
    healthy(app.run())
    assert picked(app) == ("layer2.1.eca", 17)


@pytest.mark.parametrize("channel", ["-1", "many", "4096"])
def test_a_link_to_no_channel_shows_one_that_there_is(channel: str, app: AppTest) -> None:
    app.query_params[state.CHANNEL] = channel
    healthy(app.run())
    record = eca_viz.explain(SAMPLES[0].read(), saliency=()).layer(picked(app)[0])
    assert picked(app)[1] == standing_out(record)
    (warning,) = app.warning
    assert f"channel “{channel}”" in warning.value.replace("\\", "")
