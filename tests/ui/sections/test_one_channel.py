"""One channel on the Attention page, without a browser."""

import json
import re
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

import eca_viz
from eca_viz import inspection, pipeline
from eca_viz.errors import NetworkError
from eca_viz.images.samples import SAMPLES
from eca_viz.records import Explanation
from eca_viz.ui import state
from eca_viz.ui.components import chart_clicks
from tests.ui.factories import ATTENTION, KERNELS, charts, healthy, open_tab, texts

STEPS, MAPS = "Channel step by step", "Feature maps"
TINY_SE, TINY_FULL = "resnet_tiny_se", "resnet_tiny_se_var3"


@pytest.fixture(scope="module")
def explanation() -> Explanation:
    return eca_viz.explain(SAMPLES[0].read(), saliency=())


def pick(app: AppTest, layer: str, channel: int) -> None:
    healthy(app.selectbox(key=state.LAYER).set_value(layer).run())
    healthy(app.number_input(key=state.CHANNEL).set_value(channel).run())


def look(app: AppTest, tab: str) -> None:
    open_tab(app, state.ATTENTION_TAB, tab)


def block_of(app: AppTest) -> str:
    """The drawing of the block, as SVG."""
    picture = app.session_state["pictures"]["block"]
    sent = [component.proto.json for component in app.get("bidi_component")]
    assert any(json.dumps(picture.svg)[1:-1] in data for data in sent)
    assert picture.caption in texts(app)
    svg: str = picture.svg
    return svg


def has_window(app: AppTest) -> bool:
    """Whether the window can be asked for, and then has frames."""
    if not [toggle for toggle in app.toggle if toggle.key == state.SLIDE]:
        return False
    healthy(app.toggle(key=state.SLIDE).set_value(True).run())
    return any(chart.get("frames") for chart in charts(app))


def test_the_arithmetic_is_that_of_the_picked_channel(
    app: AppTest, explanation: Explanation
) -> None:
    look(app, STEPS)
    pick(app, "layer2.1.eca", 127)
    record = explanation.layer("layer2.1.eca")
    said = texts(app)
    assert "Channel 127, step by step" in said
    assert "depends on 3 channels, 125 to 127; 2 of its 5 taps meet zero padding" in said
    assert f"**z = {record.logits[0, 127]:.6g}**" in said
    assert f"**{record.weights[0, 127]:.6g}**" in said
    terms = next(frame.value for frame in app.dataframe if "product" in frame.value)
    assert terms["sum"].iloc[-1] == pytest.approx(float(record.logits[0, 127]), abs=1e-5)
    block = block_of(app)
    assert block.count(">padding<") == 2
    # What is shipped was computed by another processor, which rounds otherwise.
    numbers = re.findall(r"= (−?[\d.]+)</title>", block)
    shown = [float(number.replace("−", "-")) for number in numbers]
    for value in (record.descriptor[0, 127], record.logits[0, 127], record.weights[0, 127]):
        assert any(one == pytest.approx(float(value), abs=1e-5) for one in shown)
    assert has_window(app)


def test_another_channel_runs_nothing_of_the_network_again(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    look(app, MAPS)
    pick(app, "layer2.1.eca", 5)
    for name in ("all_feature_maps", "channel_saliency"):
        monkeypatch.setattr(inspection, name, lambda *_, **__: pytest.fail("ran again"))
    monkeypatch.setattr(pipeline, "explain", lambda *_, **__: pytest.fail("ran again"))
    healthy(app.number_input(key=state.CHANNEL).set_value(6).run())
    assert "Feature maps and saliency of channel 6" in texts(app)


def test_se_shows_its_bottleneck_and_no_window(app: AppTest) -> None:
    look(app, STEPS)
    healthy(app.selectbox(key=state.NETWORK).set_value(TINY_SE).run())
    found = re.search(r"all (\d+) channels through the (\d+) values of the bott", texts(app))
    assert found
    assert int(found[1]) == 16 * int(found[2])
    assert not has_window(app)
    healthy(app.number_input(key=state.BOTTLENECK).set_value(3).run())
    assert "h 3: all channels times row 3 of W₁" in texts(app)
    assert f"δ = ReLU: {found[1]} channels → {found[2]} values" in block_of(app)


def test_a_full_matrix_depends_on_all_channels(app: AppTest) -> None:
    look(app, STEPS)
    healthy(app.selectbox(key=state.NETWORK).set_value(TINY_FULL).run())
    assert re.search(r"depends on all \d+ channels, each with a coefficient of its own", texts(app))
    assert not has_window(app)


@pytest.mark.parametrize(
    ("network", "words"),
    [
        ("resnet_tiny_se_var1", "depends on its own channel alone"),
        ("resnet_tiny_se_var2", "depends on its own channel alone"),
        ("resnet_tiny_se_gc2", "depends on 16 channels, 0 to 15"),
        ("resnet_tiny_eca_ns", "meet zero padding"),
    ],
)
def test_local_mechanisms_have_a_window(network: str, words: str, app: AppTest) -> None:
    look(app, STEPS)
    healthy(app.selectbox(key=state.NETWORK).set_value(network).run())
    healthy(app.number_input(key=state.CHANNEL).set_value(0).run())
    assert words in texts(app)
    assert has_window(app)


def test_saliency_of_a_channel(app: AppTest) -> None:
    look(app, MAPS)
    before = len(charts(app))
    healthy(app.pills(key=state.CHANNEL_METHOD).set_value("saliency").run())
    assert len(charts(app)) == before + 1
    assert "average behind the gate would change" in texts(app)
    healthy(app.switch_page(KERNELS).run())
    healthy(app.switch_page(ATTENTION).run())
    assert len(charts(app)) == before + 1


def test_own_colours_for_each_channel(app: AppTest) -> None:
    look(app, MAPS)
    healthy(app.toggle(key=state.OWN_SCALE).set_value(True).run())
    maps = next(chart for chart in charts(app) if len(chart["layout"].get("images", ())) == 6)
    assert "coloraxis3" in maps["layout"]


def test_a_method_that_cannot_be_used_says_so(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise eca_viz.SaliencyError("this network has none; choose Saliency")

    look(app, MAPS)
    monkeypatch.setattr(inspection, "channel_saliency", fail)
    healthy(app.pills(key=state.CHANNEL_METHOD).set_value("guided_backprop").run())
    assert [error.value for error in app.error] == ["this network has none; choose Saliency"]


def test_a_layer_that_cannot_be_worked_out_says_so(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise NetworkError("the arithmetic of its gates is not known")

    look(app, STEPS)
    monkeypatch.setattr(inspection, "channel_steps", fail)
    healthy(app.number_input(key=state.CHANNEL).set_value(6).run())
    assert [told.value for told in app.info] == ["the arithmetic of its gates is not known"]
    assert len(charts(app)) == 4  # the first screen stays
    assert not app.session_state["pictures"]
    assert "Downloads" in texts(app)


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    kept: dict[str, object] = {state.LAYER: "layer3.0.eca", state.CHANNEL: 1}
    monkeypatch.setattr(chart_clicks, "st", SimpleNamespace(session_state=kept))
    return kept


def test_a_click_on_a_cell_picks_layer_and_channel(
    explanation: Explanation, session: dict[str, object]
) -> None:
    chart_clicks.take(explanation, {"chart": "overview", "layer": "layer1.1.eca", "channel": 63.0})
    assert session == {state.LAYER: "layer1.1.eca", state.CHANNEL: 63}


def test_a_click_in_the_layers_charts_picks_the_channel(
    explanation: Explanation, session: dict[str, object]
) -> None:
    chart_clicks.take(explanation, {"chart": "sorted_gates", "layer": "", "channel": 200})
    assert session == {state.LAYER: "layer3.0.eca", state.CHANNEL: 200}


@pytest.mark.parametrize(
    "click",
    [
        None,
        "layer1.1.eca",
        {},
        {"layer": "layer9.0.eca", "channel": 1},
        {"layer": "layer1.1.eca", "channel": 64},
        {"layer": "layer1.1.eca", "channel": -1},
        {"layer": "layer1.1.eca", "channel": 1.5},
        {"layer": "layer1.1.eca", "channel": None},
        {"layer": "layer1.1.eca", "channel": "3"},
        {"layer": "layer1.1.eca", "channel": float("nan")},
        {"layer": ["layer1.1.eca"], "channel": 3},
    ],
)
def test_a_click_that_means_no_channel_changes_nothing(
    click: object, explanation: Explanation, session: dict[str, object]
) -> None:
    before = dict(session)
    chart_clicks.take(explanation, json.loads(json.dumps(click)))
    assert session == before
