"""Tables on a page: head and cells in the language of the visit."""

import json

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from eca_viz.locale import texts

KNOWN = {"layer": "层", "as loaded": "原样", "value": "值"}


@pytest.fixture(autouse=True)
def _catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "_catalogue", {texts.ENGLISH: {}, "zh": KNOWN}.__getitem__)


def page(language: str) -> None:
    import pandas as pd
    import streamlit as st

    from eca_viz.locale import texts
    from eca_viz.ui.components import frames

    texts.speak(language)
    frame = pd.DataFrame(
        {"layer": ["as loaded", "layer1.0"], "value": [1.0, 2.0], "k": [3, 5], "sha256": ["", "a"]}
    )
    number = st.column_config.NumberColumn
    frames.draw(frame, {"value": number(format="%.2f"), "k": number("size"), "sha256": None})


def drawn(language: str) -> tuple[pd.DataFrame, dict]:
    app = AppTest.from_function(page, args=(language,)).run()
    assert not app.exception
    return app.dataframe[0].value, json.loads(app.dataframe[0].proto.columns)


def test_in_english_a_table_is_as_it_is_given() -> None:
    frame, columns = drawn(texts.ENGLISH)
    assert list(frame["layer"]) == ["as loaded", "layer1.0"]
    assert columns["k"]["label"] == "size"
    assert columns["sha256"]["hidden"]
    assert not columns.get("layer", {}).get("label")
    assert not columns["value"].get("label")


def test_head_and_cells_are_translated_and_names_of_columns_stay() -> None:
    frame, columns = drawn("zh")
    assert list(frame) == ["layer", "value", "k", "sha256"]
    assert list(frame["layer"]) == ["原样", "layer1.0"]
    assert list(frame["value"]) == [1.0, 2.0]
    assert columns["layer"]["label"] == "层"
    assert columns["value"]["label"] == "值"
    assert columns["value"]["type_config"]["format"] == "%.2f"
    assert columns["k"]["label"] == "size"
    assert columns["sha256"]["hidden"]
