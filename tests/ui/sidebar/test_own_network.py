"""The network that the command `app` was given: the first choice, on every page, in no address."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from eca_viz.paths import NETWORK_VARIABLE
from eca_viz.ui import state
from eca_viz.ui.sidebar import network_picker
from tests.own_network import write_network_by_output, write_own_network, write_segmenter
from tests.ui import factories
from tests.ui.factories import (
    CHANNEL,
    CLASSES,
    COMPARE,
    IMAGES,
    KERNELS,
    LESSON,
    MECHANISMS,
    SALIENCY,
    WHAT_IF,
    open_tab,
    without_errors,
)


def texts(app: AppTest) -> str:
    """What is on the page, without the marks that keep Markdown from being read in names."""
    return factories.texts(app).replace("\\", "")


@pytest.fixture
def own(tmp_path: Path, app: AppTest, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv(NETWORK_VARIABLE, f"{write_own_network(tmp_path)}:build")
    return without_errors(app.run())


def test_the_app_begins_with_it(own: AppTest) -> None:
    assert own.radio(key=state.SOURCE).value == network_picker.OWN
    shown = texts(own)
    assert "knows only 3 classes (cat, dog, cup)" in shown
    assert "1 module is attention without one factor for each channel and is not read: 4;" in shown
    assert own.session_state[state.CHOICE].network.name == ""
    assert own.session_state[state.CHOICE].link == ""


def test_a_gate_of_unknown_origin_is_shown_as_such(own: AppTest) -> None:
    without_errors(own.selectbox(key=state.LAYER).set_value("3").run())
    assert "Of 3 the gates alone are known" in texts(own)
    without_errors(open_tab(own, state.ATTENTION_TAB, "Channel step by step"))
    (told,) = own.info
    assert told.value.replace("\\", "").startswith(
        "the arithmetic of 3 is not known: it takes something else"
    )
    without_errors(own.selectbox(key=state.LAYER).set_value("2").run())
    assert "The products add up to" in texts(own)


@pytest.mark.parametrize("page", [LESSON, SALIENCY, KERNELS, MECHANISMS, WHAT_IF, COMPARE])
def test_every_page_shows_it(own: AppTest, page: str) -> None:
    own.switch_page(page)
    without_errors(own.run())
    if page == KERNELS:
        assert "3**: how its gates are computed is not known" in texts(own)


def test_layers_that_are_explained_by_their_output_are_shown_step_by_step(
    tmp_path: Path, app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(NETWORK_VARIABLE, f"{write_network_by_output(tmp_path)}:build")
    without_errors(app.run())
    without_errors(open_tab(app, state.ATTENTION_TAB, "Channel step by step"))
    for layer, words, formula in (
        ("1", "depends on its own channel alone, by its average and its standard", "BN"),
        ("2", "ω = 1 + tanh z", "tanh"),
        ("3", "through the 6 values of the bottleneck", "softmax"),
        ("4", "each through 8 values h that the first convolution", "C1D"),
    ):
        without_errors(app.selectbox(key=state.LAYER).set_value(layer).run())
        assert not app.info
        assert words in texts(app)
        assert any(formula in one.value for one in app.latex)
        assert not any(toggle.key == state.SLIDE for toggle in app.toggle)
    app.switch_page(KERNELS)
    without_errors(app.run())
    assert "each gate depends on its own channel alone" in texts(app)


def test_a_bundled_network_is_one_click_away(own: AppTest) -> None:
    without_errors(own.radio(key=state.SOURCE).set_value(network_picker.BUNDLED).run())
    assert "Prediction: church" in texts(own)


@pytest.mark.parametrize("scored", [True, False])
def test_every_page_shows_a_network_that_gives_no_classes(
    tmp_path: Path, app: AppTest, monkeypatch: pytest.MonkeyPatch, *, scored: bool
) -> None:
    monkeypatch.setenv(NETWORK_VARIABLE, f"{write_segmenter(tmp_path, scored=scored)}:build")
    without_errors(app.run())
    told = "saliency explains its score" if scored else "without a score, no saliency"
    assert told in texts(app)
    assert ("Score " in texts(app)) == scored
    alts = [figure for figure in factories.charts_by_alt(app) if "Grad-CAM" in figure]
    assert len(alts) == scored
    without_errors(app.switch_page(SALIENCY).run())
    assert any(told in one.value for one in app.info) != scored
    without_errors(app.switch_page(WHAT_IF).run())
    assert (" before, " in texts(app)) == scored
    for tab in ("Saliency", "Which gates matter"):
        without_errors(open_tab(app, state.WHAT_IF_TAB, tab))
        assert any(told in one.value for one in app.info) != scored
    without_errors(app.switch_page(IMAGES).run())
    assert ("score" in app.dataframe[0].value.columns) == scored
    assert "prediction" not in app.dataframe[0].value.columns
    for page in (LESSON, KERNELS, MECHANISMS, CLASSES, CHANNEL):
        without_errors(app.switch_page(page).run())
    without_errors(app.switch_page(COMPARE).run())
    without_errors(app.button(key="pin_here").click().run())
    for tab in ("Saliency", "Tables"):
        without_errors(open_tab(app, state.COMPARE_TAB, tab))
    assert any("gives no classes" in one.value for one in app.info)


def test_a_file_that_fails_says_why_and_the_bundled_one_is_shown(
    tmp_path: Path, app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(NETWORK_VARIABLE, f"{write_own_network(tmp_path)}:broken")
    app.run()
    (error,) = app.error
    assert "no weights here" in error.value
    assert "Prediction: church" in texts(app)


def test_nobody_is_offered_what_was_not_given(app: AppTest) -> None:
    app.query_params[state.SOURCE] = network_picker.OWN
    without_errors(app.run())
    assert network_picker.OWN not in app.radio(key=state.SOURCE).options
