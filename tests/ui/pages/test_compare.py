"""The page Compare: what is pinned stays A, whatever is chosen then."""

import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import eca_viz
from eca_viz.analysis.class_matching import prediction_table
from eca_viz.analysis.comparison import difference
from eca_viz.images.samples import SAMPLES
from eca_viz.ui import cache, state
from tests.ui.factories import COMPARE, charts, decode, healthy, png, texts

BUNDLED = "eca_resnet18_imagenette"
TINY = "resnet_tiny_se"


def explain(photograph: str, network: str = BUNDLED) -> eca_viz.records.Explanation:
    return eca_viz.explain(cache.sample(photograph), network, saliency=())


def numbers(chart: dict, axis: str) -> list[np.ndarray]:
    return [decode(trace[axis]) for trace in chart["data"]]


def test_without_a_pin_the_page_says_what_to_do(app: AppTest) -> None:
    healthy(app.run())
    healthy(app.switch_page(COMPARE).run())
    assert "Nothing is pinned yet" in app.info[0].value
    assert not charts(app)
    healthy(app.button(key="pin_here").click().run())
    assert "B is the same as A" in app.info[0].value
    assert len(charts(app)) == 10
    assert app.button(key="pin").disabled


def test_two_photographs(app: AppTest) -> None:
    healthy(app.run())
    healthy(app.button(key="pin").click().run())
    assert app.query_params[state.PIN] == f"china/{BUNDLED}"
    assert "**A** is Temple" in texts(app)
    healthy(app.radio(key=state.PHOTO).set_value("chelsea").run())
    healthy(app.switch_page(COMPARE).run())
    assert not app.info
    found = eca_viz.compare(explain("china"), explain("chelsea"))
    shown = charts(app)
    a, b = numbers(shown[0], "x")
    table = prediction_table(found)
    np.testing.assert_allclose(a, table["a"], rtol=1e-5)
    np.testing.assert_allclose(b, table["b"], rtol=1e-5)
    np.testing.assert_allclose(numbers(shown[1], "x")[0], table["points"], rtol=1e-4)
    for row, pair in zip(numbers(shown[4], "z"), found.pairs, strict=True):
        np.testing.assert_allclose(row[0], difference(pair), atol=1e-6)
    spans = {
        tuple(chart["layout"]["coloraxis"][end] for end in ("cmin", "cmax")) for chart in shown[2:4]
    }
    assert len(spans) == 1
    healthy(app.selectbox(key=state.LAYER).set_value("layer1.0.eca").run())
    below, above = numbers(charts(app)[6], "y")
    np.testing.assert_allclose(below + above, difference(found.pairs[0]), atol=1e-6)
    maps = charts(app)[7:]
    a, b, apart = (numbers(chart, "z")[0] for chart in maps)
    np.testing.assert_allclose(a - b, apart, atol=1e-4 * np.abs(a).max())
    assert len({chart["data"][0]["zmax"] for chart in maps[:2]}) == 1
    assert maps[2]["data"][0]["zmin"] == -maps[2]["data"][0]["zmax"]


def test_a_link_pins(app: AppTest) -> None:
    app.query_params[state.PIN] = f"coffee/{TINY}"
    healthy(app.run())
    healthy(app.switch_page(COMPARE).run())
    pinned = app.session_state["pinned"]
    assert (pinned.image.sample, pinned.network.name) == ("coffee", TINY)
    assert app.query_params[state.PIN] == f"coffee/{TINY}"
    assert "trained apart" in texts(app) or "differ in their number of channels" in texts(app)


def test_a_state_of_the_gates_is_pinned_by_its_link(app: AppTest) -> None:
    app.query_params[state.PIN] = f"china/{BUNDLED}/layer4:ones layer1.0.eca:channel=3,0"
    healthy(app.run())
    healthy(app.switch_page(COMPARE).run())
    assert "gates changed" in app.subheader[0].value
    assert not app.info
    changed = eca_viz.explain(
        cache.sample("china"), saliency=(), gates=("layer4:ones", "layer1.0.eca:channel=3,0")
    )
    found = eca_viz.compare(changed, explain("china"))
    for row, pair in zip(numbers(charts(app)[4], "z"), found.pairs, strict=True):
        np.testing.assert_allclose(row[0], difference(pair), atol=1e-6)
    a, b = (numbers(chart, "z")[0] for chart in charts(app)[7:9])
    assert not np.allclose(a, b)


def test_changes_that_do_not_fit_are_said(app: AppTest) -> None:
    app.query_params[state.PIN] = f"china/{BUNDLED}/layer9:ones"
    healthy(app.run())
    healthy(app.switch_page(COMPARE).run())
    assert "A cannot be shown" in app.error[0].value


def test_unpinning(app: AppTest) -> None:
    app.query_params[state.PIN] = f"coffee/{BUNDLED}"
    healthy(app.run())
    healthy(app.button(key="unpin").click().run())
    assert state.PIN not in app.query_params
    assert app.session_state["pinned"] is None
    assert not [button for button in app.button if button.key == "unpin"]


@pytest.mark.parametrize(
    ("link", "sentence"),
    [
        ("nothing", "no sample is called 'nothing'"),
        ("china/nothing", "neither bundled"),
        ("china//etc/passwd", "neither bundled"),
    ],
)
def test_a_link_that_means_nothing_is_said_and_can_be_unpinned(
    link: str, sentence: str, app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "downloadable", lambda: ["timm:ecaresnet50t"])
    app.query_params[state.PIN] = link
    healthy(app.run())
    assert [sentence in re.sub(r"\\", "", error.value) for error in app.error] == [True]
    assert charts(app)
    healthy(app.button(key="unpin").click().run())
    assert not app.error


def test_a_photograph_of_ones_own_is_pinned_but_not_in_the_link(app: AppTest) -> None:
    healthy(app.run())
    healthy(app.file_uploader(key=state.UPLOADS).upload("mine.png", png(3), "image/png").run())
    healthy(app.button(key="pin").click().run())
    assert state.PIN not in app.query_params
    assert "the link in the address bar leaves it out" in texts(app)
    healthy(app.radio(key=state.PHOTO).set_value(SAMPLES[0].name).run())
    healthy(app.switch_page(COMPARE).run())
    assert "A: mine.png" in "\n".join(part.value for part in app.subheader)


def test_networks_with_other_layers_sizes_and_pictures(app: AppTest) -> None:
    """The small network sees a smaller photograph and names its layers otherwise."""
    healthy(app.run())
    healthy(app.button(key="pin").click().run())
    healthy(app.selectbox(key=state.NETWORK).set_value(TINY).run())
    healthy(app.switch_page(COMPARE).run())
    found = eca_viz.compare(explain("china"), explain("china", TINY))
    shown = charts(app)
    for row, pair in zip(numbers(shown[4], "z"), found.pairs, strict=True):
        np.testing.assert_allclose(row[0], difference(pair), atol=1e-6)
    assert not all(pair.channelwise for pair in found.pairs)
    said = [info.value for info in app.info]
    assert len(said) == 1
    assert "different sizes" in said[0]
    assert len(shown) == 9


def test_a_network_without_attention_beside_one_with(app: AppTest) -> None:
    healthy(app.run())
    healthy(app.button(key="pin").click().run())
    healthy(app.selectbox(key=state.NETWORK).set_value("resnet_tiny_none").run())
    healthy(app.switch_page(COMPARE).run())
    assert "no attention layers" in app.info[0].value
    assert len(charts(app)) == 4


def test_one_class_for_both(app: AppTest) -> None:
    app.query_params[state.PIN] = f"china/{BUNDLED}"
    app.query_params[state.PHOTO] = "Cat"
    healthy(app.run())
    healthy(app.switch_page(COMPARE).run())
    assert "they answer different questions" in texts(app)
    healthy(app.selectbox(key=state.COMPARE_TARGET).set_value("golf ball").run())
    assert "they answer different questions" not in texts(app)
    healthy(app.selectbox(key=state.COMPARE_METHOD).set_value("grad_cam").run())
    assert len(charts(app)) == 10
