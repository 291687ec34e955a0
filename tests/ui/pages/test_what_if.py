"""What if, without a browser: the prediction and the maps with changed gates."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import eca_viz
from eca_viz.analysis.attention import widest
from eca_viz.gates.reference import reference_gates
from eca_viz.images.samples import SAMPLES
from eca_viz.inspection.gate_effects import channel_effects
from eca_viz.networks.loading import load_network
from eca_viz.ui import cache, long_work, state
from eca_viz.ui.components.widgets import WORD_JOINER
from tests.ui.factories import WHAT_IF, charts, forget, healthy, make_app, open_tab, texts

TINY = "resnet_tiny_eca"
MATTER = "Which gates matter"
BUTTONS = ("run-effects", "run-layer_effects")


@pytest.fixture
def app() -> AppTest:
    """The page with the smallest network, before its first run."""
    app = make_app()
    app.session_state[state.NETWORK] = TINY
    return app.run().switch_page(WHAT_IF)


def changed(*gates: str) -> eca_viz.records.Explanation:
    return eca_viz.explain(SAMPLES[0].read(), TINY, (), gates=gates)


def test_the_first_visit_shows_the_network_without_its_attention(app: AppTest) -> None:
    healthy(app.run())
    before, after = changed(), changed("ones")
    share = after.probabilities[before.predictions[0].index]
    assert f"{share:.1%}" in "\n".join(heading.value for heading in app.header)
    assert "**After** is with all:ones" in texts(app).replace("\\", "")
    assert len(charts(app)) == 4


def test_one_channel_by_hand_and_changes_that_are_kept(app: AppTest) -> None:
    healthy(app.run())
    assert {one.key for one in app.selectbox}.isdisjoint({state.LAYER, state.CHANNEL})
    app.selectbox(key=state.CHANGE_KIND).select("channel").run()
    app.selectbox(key=state.LAYER).select("layer3.0.attention").run()
    app.number_input(key=state.CHANNEL).set_value(5).run()
    app.slider(key=state.setting_key("channel", "value")).set_value(1.0).run()
    app.button(key="keep").click().run()
    app.selectbox(key=state.CHANGE_KIND).select("half").run()
    healthy(app)
    wanted = ("layer3.0.attention:channel=5,1", "all:half")
    assert f"**After** is with {' '.join(wanted)}" in texts(app).replace("\\", "")
    before, after = changed(), changed(*wanted)
    share = after.probabilities[before.predictions[0].index]
    assert f"{share:.1%}" in "\n".join(heading.value for heading in app.header)


def unescaped(app: AppTest) -> str:
    """What the page says, without what keeps Markdown from reading it."""
    return texts(app).replace("\\", "").replace(WORD_JOINER, "")


def test_taps_by_hand_begin_as_they_were_trained(app: AppTest) -> None:
    layer = "layer3.0.attention"
    healthy(app.run())
    app.selectbox(key=state.CHANGE_KIND).select("taps").run()
    healthy(app.selectbox(key=state.LAYER).select(layer).run())
    before = changed()
    taps = before.layer(layer).taps
    assert taps is not None
    trained = [round(float(tap), 3) for tap in taps]
    keys = [state.setting_key("taps", f"{n}.{len(trained)}.{layer}") for n in range(len(trained))]
    assert [app.slider(key=key).value for key in keys] == pytest.approx(trained)
    assert f"{before.predictions[0].probability:.1%} before" in app.header[0].value
    app.slider(key=keys[0]).set_value(-0.5).run()
    healthy(app.slider(key=keys[1]).set_value(0.0).run())
    wanted = ",".join(f"{tap:g}" for tap in (-0.5, 0, *trained[2:]))
    assert f"**After** is with {layer}:taps={wanted}" in unescaped(app)
    share = changed(f"{layer}:taps={wanted}").probabilities[before.predictions[0].index]
    assert f"{share:.1%}" in app.header[0].value
    k = app.select_slider(key=state.setting_key("taps", f"k.{layer}"))
    healthy(k.set_value(len(trained) + 2).run())
    wider = ",".join(f"{tap:g}" for tap in (0, *trained, 0))
    assert f"{layer}:taps={wider}" in unescaped(app)


def test_taps_of_a_layer_without_any_are_told(app: AppTest) -> None:
    app.session_state[state.NETWORK] = "resnet_tiny_se"
    app.session_state[state.CHANGE_KIND] = "taps"
    healthy(app.run())
    (error,) = app.error
    assert "has no taps that all channels share" in error.value


def test_the_mean_gates_name_their_reference_set(app: AppTest) -> None:
    healthy(app.run())
    app.selectbox(key=state.CHANGE_KIND).select("reference").run()
    healthy(app)
    assert "every 9th training image of Imagenette (1,053 images)" in texts(app)


def test_changes_that_do_not_fit_are_told_and_left_out(app: AppTest) -> None:
    healthy(app.run())
    typed = ["layer9:ones", "layer2:half", "none"]
    app.multiselect(key=state.KEPT_CHANGES).set_value(typed).run()
    healthy(app)
    assert ["no layer or stage" in error.value for error in app.error] == [True, False]
    assert ["is called 'none'" in error.value for error in app.error] == [False, True]
    assert app.multiselect(key=state.KEPT_CHANGES).value == typed
    assert "**After** is with layer2:half all:ones" in texts(app).replace("\\", "")
    assert len(charts(app)) == 4
    app.button(key="pin_changed").click().run()
    assert app.session_state["pinned"].gates == ("layer2:half", "all:ones")


def test_effects_are_those_that_python_gives(app: AppTest) -> None:
    open_tab(app, state.WHAT_IF_TAB, MATTER)
    network = load_network(TINY)
    before = changed()
    target = before.predictions[0].index
    mean = reference_gates(network)
    layer = app.selectbox(key=state.LAYER).value
    assert layer == widest(before.attention).layer
    expected = channel_effects(network, before, layer, target, reference=mean)
    assert "Spearman" in texts(app)
    table = next(frame.value for frame in app.dataframe if "change" in frame.value.columns)
    np.testing.assert_allclose(
        table.sort_values("channel")["change"], expected.change, rtol=1e-3, atol=1e-5
    )


def test_work_that_was_stopped_waits_to_be_started_again(app: AppTest) -> None:
    forget(cache._computed)
    before = changed()
    layer, target = widest(before.attention).layer, before.predictions[0].index
    network = state.NetworkChoice("", "", pytest.fail, "")
    app.session_state["stopped"] = {
        long_work.channel_effects(before, network, layer, target).key,
        long_work.layer_effects(before, network, target).key,
    }
    open_tab(app, state.WHAT_IF_TAB, MATTER)
    assert [info.value for info in app.info].count("Stopped.") == len(BUTTONS)
    for key in BUTTONS:
        app.button(key=key).click().run()
    healthy(app)
    assert not app.info


def test_a_network_without_attention_has_nothing_to_change() -> None:
    app = make_app()
    app.session_state[state.NETWORK] = "resnet_tiny_none"
    healthy(app.run().switch_page(WHAT_IF).run())
    assert "has no attention layers" in app.info[0].value


def test_the_maps_before_and_after_have_one_scale(app: AppTest) -> None:
    open_tab(app, state.WHAT_IF_TAB, "Saliency")
    maps = charts(app)[-2:]
    assert len({chart["data"][0]["zmax"] for chart in maps}) == 1
    assert maps[0]["data"][0]["z"] != maps[1]["data"][0]["z"]
    assert "**Before**" in texts(app)
    assert "**After**" in texts(app)
