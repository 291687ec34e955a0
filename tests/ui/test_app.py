"""The first page, links and faults, without a browser."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import eca_viz
from eca_viz.images.samples import SAMPLES
from eca_viz.networks import loading
from eca_viz.ui import engine, state
from eca_viz.ui.components import widgets
from eca_viz.ui.pages import PAGES
from eca_viz.ui.sidebar import sidebar
from tests.hostile.names import SHOWN_NAMES
from tests.ui.factories import (
    ATTENTION,
    CHANNEL,
    CLASSES,
    COMPARE,
    IMAGES,
    KERNELS,
    LESSON,
    MECHANISMS,
    SALIENCY,
    WHAT_IF,
    charts,
    healthy,
    png,
    texts,
)

IN_ORDER = (
    ATTENTION,
    LESSON,
    SALIENCY,
    KERNELS,
    MECHANISMS,
    WHAT_IF,
    IMAGES,
    CLASSES,
    CHANNEL,
    COMPARE,
)


def test_first_visit_shows_a_complete_result(app: AppTest) -> None:
    healthy(app.run())
    assert app.title[0].value == "Attention"
    best = eca_viz.explain(SAMPLES[0].read(), saliency=()).predictions[0]
    assert rf"Prediction\: {best.label}" in texts(app)
    assert "knows only 10 classes (tench, English springer" in texts(app)
    assert "danielbuechele" in texts(app)
    assert "CC BY 2.0" in texts(app)
    assert len(charts(app)) == 7
    assert not app.error


def test_the_first_screen_comes_before_what_lies_below(app: AppTest) -> None:
    del app.session_state[state.FIRST_SCREEN]
    healthy(app.run())
    assert len(charts(app)) == 4
    assert "Downloads" not in texts(app)
    app.session_state[state.FIRST_SCREEN] = True
    healthy(app.run())
    assert len(charts(app)) == 7
    assert "Downloads" in texts(app)


def test_another_layer_changes_the_layers_charts(app: AppTest) -> None:
    healthy(app.run())
    last = charts(app)
    picker = app.selectbox(key=state.LAYER)
    assert picker.value == "layer3.1.eca"
    healthy(picker.set_value("layer1.0.eca").run())
    first = charts(app)
    assert first[:4] == last[:4]
    assert first[4] != last[4]
    assert "**C = 64**, **k = 3**" in texts(app)


def test_a_link_reopens_the_same_view(app: AppTest) -> None:
    app.query_params[state.IMAGE] = "Coffee"
    app.query_params[state.LAYER] = "layer2.1.eca"
    healthy(app.run())
    assert app.radio(key=state.IMAGE).value == "coffee"
    assert app.selectbox(key=state.LAYER).value == "layer2.1.eca"


def test_the_overview_can_show_gates_less_their_mean_gates(app: AppTest) -> None:
    healthy(app.run())
    assert "red gates are above their mean" not in texts(app)
    healthy(app.toggle(key=state.LESS_MEAN_GATE).set_value(True).run())
    assert "mean over every 9th training image of Imagenette" in texts(app)


def test_pages_are_registered_once_and_exist() -> None:
    assert [Path(entry.script).name for entry in PAGES] == [Path(path).name for path in IN_ORDER]
    assert len({entry.url_path for entry in PAGES}) == len(PAGES)


def test_weights_that_cannot_be_loaded_are_said(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise eca_viz.NetworkError("the weights cannot be read; restore them")

    healthy(app.run())
    engine.hurry()
    engine.load_behind()
    assert engine._done.wait(120)  # else it would fail behind the page too
    monkeypatch.setattr(loading, "load_network", fail)
    healthy(app.file_uploader(key=state.UPLOADS).upload("mine.png", png(31), "image/png").run())
    assert {error.value for error in app.error} == {"the weights cannot be read; restore them"}
    assert app.title[0].value == "Attention"


def test_a_sidebar_that_fails_says_so_and_no_page_is_drawn(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise eca_viz.ImageError("the samples are not installed; install them")

    monkeypatch.setattr(sidebar, "draw", fail)
    healthy(app.run())
    assert [error.value for error in app.error] == ["the samples are not installed; install them"]
    assert not charts(app)


def test_an_address_that_cannot_be_followed_is_said(app: AppTest) -> None:
    app.query_params[state.IMAGE] = "nonsense"
    app.query_params[state.NETWORK] = "resnet"
    app.query_params[state.LAYER] = "layer9.0.eca"
    app.query_params[state.CHANNEL] = "70000"
    healthy(app.run())
    said = [warning.value for warning in app.warning]
    for part in ("bundled network “resnet”", "image “nonsense”", "layer “layer9.0.eca”", "“70000”"):
        assert sum(part in sentence for sentence in said) == 1, part
    healthy(app.radio(key=state.IMAGE).set_value("coffee").run())
    assert not app.warning


@pytest.mark.parametrize(("name", "safe"), SHOWN_NAMES)
def test_names_from_outside_stay_text(name: str, safe: str) -> None:
    assert widgets.plain(name) == safe
