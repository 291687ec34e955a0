"""What is picked stays when the language changes, and what a link asks for is understood."""

import pytest
from streamlit.testing.v1 import AppTest

from eca_viz.locale import texts
from eca_viz.locale.texts import speaking
from eca_viz.ui import state

KNOWN = {
    "predicted class": "预测的类别",
    "chain saw": "链锯",
    "class": "类别",
    "The address asks for the {what} “{asked}”, which is not there; the page shows another one.": (
        "没有{what}“{asked}”。"
    ),
}


@pytest.fixture(autouse=True)
def _catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "_catalogue", {texts.ENGLISH: {}, "zh": KNOWN}.__getitem__)
    monkeypatch.setattr(texts, "_originals", lambda: ({said: one for one, said in KNOWN.items()},))


def page() -> None:
    import streamlit as st

    from eca_viz.locale.texts import text
    from eca_viz.ui import language, state
    from eca_viz.ui.components import address, class_picker

    language.begin()
    address.note()
    picked = class_picker.pick(
        "Class", text("predicted class"), ["tench", "chain saw"], key=state.TARGET
    )
    st.markdown(str(picked))
    language.pick()


def test_what_is_picked_stays_when_the_language_changes() -> None:
    app = AppTest.from_function(page).run()
    assert app.markdown[0].value == "None"
    app.selectbox(key=state.TARGET).set_value("chain saw").run()
    app.radio(key=state.LANGUAGE).set_value("zh").run()
    with speaking("zh"):
        assert app.selectbox(key=state.TARGET).options == ["预测的类别", "tench", "链锯"]
        assert app.markdown[0].value == "1"
        app.radio(key=state.LANGUAGE).set_value(texts.ENGLISH).run()
    assert app.selectbox(key=state.TARGET).value == "chain saw"
    assert app.markdown[0].value == "1"


@pytest.mark.parametrize("asked", ["chain saw", "链锯"])
def test_a_class_in_the_address_is_known_in_every_language(asked: str) -> None:
    app = AppTest.from_function(page)
    app.query_params[state.LANGUAGE] = "zh"
    app.query_params[state.TARGET] = asked
    app.run()
    assert app.markdown[0].value == "1"
    assert not app.warning


def test_what_is_not_there_is_said_in_the_language_of_the_visit() -> None:
    app = AppTest.from_function(page)
    app.query_params[state.LANGUAGE] = "zh"
    app.query_params[state.TARGET] = "ship"
    app.run()
    assert [one.value for one in app.warning] == ["没有类别“ship”。"]
