"""The page Compare: what is pinned stays A, and what is chosen then is B."""

import re
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import eca_viz
from eca_viz.analysis.class_matching import prediction_table
from eca_viz.analysis.comparison import difference
from eca_viz.images.samples import SAMPLES
from eca_viz.ui import cache, long_work, state
from eca_viz.ui.components import widgets
from tests.ui.factories import COMPARE, charts, decode, healthy, open_tab, png, texts

OVERVIEWS = "All layers of A and B"
BUNDLED = "eca_resnet18_imagenette"
TINY = "resnet_tiny_se"


def explain(image: str, network: str = BUNDLED) -> eca_viz.records.Explanation:
    return eca_viz.explain(cache.sample(image), network, saliency=())


def numbers(chart: dict, axis: str) -> list[np.ndarray]:
    return [decode(trace[axis]) for trace in chart["data"]]


def open_both(app: AppTest, tab: str = "All layers, A − B") -> AppTest:
    """The page with Temple as A and Cat as B."""
    app.query_params[state.PIN] = f"china/{BUNDLED}"
    app.query_params[state.IMAGE] = "Cat"
    app.query_params[state.COMPARE_TAB] = tab
    return healthy(app.run().switch_page(COMPARE).run())


def test_without_a_pin_the_page_says_what_to_do(app: AppTest) -> None:
    healthy(app.run())
    healthy(app.switch_page(COMPARE).run())
    assert "Nothing is pinned yet" in app.info[0].value
    assert not charts(app)
    healthy(app.button(key="pin_here").click().run())
    assert "B is the same as A" in app.info[0].value
    assert len(charts(app)) == 3
    assert app.button(key="pin").disabled


def test_two_images(app: AppTest) -> None:
    healthy(app.run())
    healthy(app.button(key="pin").click().run())
    assert app.query_params[state.PIN] == f"china/{BUNDLED}"
    assert "**A** is Temple" in texts(app)
    healthy(app.radio(key=state.IMAGE).set_value("chelsea").run())
    healthy(app.switch_page(COMPARE).run())
    assert not app.info
    found = eca_viz.compare(explain("china"), explain("chelsea"))
    shown = charts(app)
    a, b = numbers(shown[0], "x")
    table = prediction_table(found)
    np.testing.assert_allclose(a, table["a"], rtol=1e-5)
    np.testing.assert_allclose(b, table["b"], rtol=1e-5)
    np.testing.assert_allclose(numbers(shown[1], "x")[0], table["points"], rtol=1e-4)
    for row, pair in zip(numbers(shown[2], "z"), found.pairs, strict=True):
        np.testing.assert_allclose(row[0], difference(pair), atol=1e-6)
    assert len(shown) == 3
    assert "A predicts church" in app.header[0].value


def test_both_overviews_on_one_scale(app: AppTest) -> None:
    open_both(app, OVERVIEWS)
    shown = charts(app)[2:]
    found = eca_viz.compare(explain("china"), explain("chelsea"))
    for chart, explained in zip(shown, (found.a, found.b), strict=True):
        for row, record in zip(numbers(chart, "z"), explained.attention, strict=True):
            np.testing.assert_allclose(row, record.weights, atol=1e-6)
    spans = {
        tuple(chart["layout"]["coloraxis"][end] for end in ("cmin", "cmax")) for chart in shown
    }
    assert len(spans) == 1


def test_one_layer(app: AppTest) -> None:
    open_both(app, "One layer")
    found = eca_viz.compare(explain("china"), explain("chelsea"))
    healthy(app.selectbox(key=state.LAYER).set_value("layer1.0.eca").run())
    assert len(charts(app)) == 4
    below, above = numbers(charts(app)[3], "y")
    np.testing.assert_allclose(below + above, difference(found.pairs[0]), atol=1e-6)


def test_maps_on_one_scale(app: AppTest) -> None:
    open_both(app, "Saliency")
    maps = charts(app)[2:]
    a, b, apart = (numbers(chart, "z")[0] for chart in maps)
    np.testing.assert_allclose(a - b, apart, atol=1e-4 * np.abs(a).max())
    assert len({chart["data"][0]["zmax"] for chart in maps[:2]}) == 1
    assert maps[2]["data"][0]["zmin"] == -maps[2]["data"][0]["zmax"]


def test_the_tables(app: AppTest) -> None:
    open_both(app, "Tables")
    found = eca_viz.compare(explain("china"), explain("chelsea"))
    predictions, layers = (frame.value for frame in app.dataframe)
    assert predictions["class"].tolist() == prediction_table(found)["class"].tolist()
    assert layers["layer_a"].tolist() == [pair.a.layer for pair in found.pairs]


def test_only_the_open_tab_is_computed(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Maps are neither drawn nor handed to the export before their tab is open."""
    handed: list[dict[str, eca_viz.records.Explanation]] = []
    monkeypatch.setattr(widgets, "downloads_of_several", lambda parts, tables: handed.append(parts))
    asked: list[str] = []
    whole = long_work.saliency

    def noted(*args):
        asked.append(args[2])
        return whole(*args)

    app.run()
    monkeypatch.setattr(long_work, "saliency", noted)
    app.query_params[state.PIN] = f"china/{BUNDLED}"
    healthy(app.switch_page(COMPARE).run())
    assert not asked
    assert [one.saliency for one in handed[-1].values()] == [(), ()]
    open_tab(app, state.COMPARE_TAB, "Saliency")
    assert asked == ["grad_cam", "grad_cam"]
    assert [one.saliency[0].method for one in handed[-1].values()] == asked


def test_a_link_pins(app: AppTest) -> None:
    app.query_params[state.PIN] = f"coffee/{TINY}"
    healthy(app.run())
    healthy(app.switch_page(COMPARE).run())
    pinned = app.session_state["pinned"]
    assert (pinned.image.sample, pinned.network.name) == ("coffee", TINY)
    assert app.query_params[state.PIN] == f"coffee/{TINY}"
    assert "trained separately" in texts(app) or "differ in their number of channels" in texts(app)


def test_a_state_of_the_gates_is_pinned_by_its_link(app: AppTest) -> None:
    app.query_params[state.PIN] = f"china/{BUNDLED}/layer4:ones layer1.0.eca:channel=3,0"
    healthy(app.run())
    healthy(app.switch_page(COMPARE).run())
    assert "gates changed" in texts(app)
    assert not app.info
    changed = eca_viz.explain(
        cache.sample("china"), saliency=(), gates=("layer4:ones", "layer1.0.eca:channel=3,0")
    )
    found = eca_viz.compare(changed, explain("china"))
    for row, pair in zip(numbers(charts(app)[2], "z"), found.pairs, strict=True):
        np.testing.assert_allclose(row[0], difference(pair), atol=1e-6)
    open_tab(app, state.COMPARE_TAB, "Saliency")
    a, b = (numbers(chart, "z")[0] for chart in charts(app)[2:4])
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
    link: str, sentence: str, app: AppTest
) -> None:
    app.query_params[state.PIN] = link
    healthy(app.run())
    assert [sentence in re.sub(r"\\", "", error.value) for error in app.error] == [True]
    assert charts(app)
    healthy(app.button(key="unpin").click().run())
    assert not app.error


def test_an_uploaded_image_is_pinned_but_not_in_the_link(app: AppTest) -> None:
    healthy(app.run())
    healthy(app.file_uploader(key=state.UPLOADS).upload("mine.png", png(3), "image/png").run())
    healthy(app.button(key="pin").click().run())
    assert state.PIN not in app.query_params
    assert "the link in the address bar leaves it out" in texts(app)
    healthy(app.radio(key=state.IMAGE).set_value(SAMPLES[0].name).run())
    healthy(app.switch_page(COMPARE).run())
    assert "**A**: mine.png" in texts(app)


def test_networks_with_other_layers_and_sizes(app: AppTest) -> None:
    """The small network has a smaller input and other names for its layers."""
    healthy(app.run())
    healthy(app.button(key="pin").click().run())
    healthy(app.selectbox(key=state.NETWORK).set_value(TINY).run())
    healthy(app.switch_page(COMPARE).run())
    found = eca_viz.compare(explain("china"), explain("china", TINY))
    for row, pair in zip(numbers(charts(app)[2], "z"), found.pairs, strict=True):
        np.testing.assert_allclose(row[0], difference(pair), atol=1e-6)
    assert not all(pair.channelwise for pair in found.pairs)
    assert not app.info
    open_tab(app, state.COMPARE_TAB, "Saliency")
    said = [info.value for info in app.info]
    assert len(said) == 1
    assert "different sizes" in said[0]
    assert len(charts(app)) == 4


def test_a_network_without_attention_beside_one_with(app: AppTest) -> None:
    healthy(app.run())
    healthy(app.button(key="pin").click().run())
    healthy(app.selectbox(key=state.NETWORK).set_value("resnet_tiny_none").run())
    healthy(app.switch_page(COMPARE).run())
    for tab in ("All layers, A − B", OVERVIEWS, "One layer"):
        open_tab(app, state.COMPARE_TAB, tab)
        assert "no attention layers" in app.info[0].value
        assert len(charts(app)) == 2
    open_tab(app, state.COMPARE_TAB, "Tables")
    assert len(app.dataframe) == 1
    open_tab(app, state.COMPARE_TAB, "Saliency")
    assert len(charts(app)) == 4


def test_one_class_for_both(app: AppTest) -> None:
    open_both(app, "Saliency")
    assert "the targets differ" in texts(app)
    healthy(app.selectbox(key=state.COMPARE_TARGET).set_value("golf ball").run())
    assert "the targets differ" not in texts(app)
    healthy(app.selectbox(key=state.COMPARE_METHOD).set_value("grad_cam").run())
    assert len(charts(app)) == 5


def test_networks_without_common_classes_say_so(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In place of an empty chart of differences."""
    whole = cache.explanation

    def renamed(image, network, gates=()):
        found = whole(image, network, gates)
        if network.name != TINY:
            return found
        labels = tuple(f"thing {place}" for place in range(10))
        best = tuple(replace(one, label=labels[one.index]) for one in found.predictions)
        network = replace(found.network, labels=labels)
        return replace(found, network=network, predictions=best)

    monkeypatch.setattr(cache, "explanation", renamed)
    app.query_params[state.PIN] = f"china/{TINY}"
    healthy(app.run())
    healthy(app.switch_page(COMPARE).run())
    assert "no class of the same name" in app.info[0].value
    assert len(charts(app)) == 2
    assert "A predicts thing" in app.header[0].value
