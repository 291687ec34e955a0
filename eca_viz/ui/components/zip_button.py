"""One button that saves what is on the screen: figures, numbers, manifest, report."""

import base64
import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from eca_viz.export.zip_bundle import bundle
from eca_viz.figures.drawn import Drawn
from eca_viz.records import Explanation
from eca_viz.ui import state

_HTML = """<button type="button">Everything in one file</button> <output></output>"""
_CSS = """
button {
    font: inherit; color: var(--st-text-color); background: transparent; cursor: pointer;
    border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius);
    padding: .35rem .9rem;
}
button:hover, button:focus-visible {
    color: var(--st-primary-color); border-color: var(--st-primary-color);
}
button:disabled { opacity: .5; cursor: wait; }
output { margin-left: .5rem; }
"""
_collector = st.components.v2.component(
    "eca_viz_everything",
    html=_HTML,
    css=_CSS,
    js=Path(__file__).with_name("zip_button.js").read_text(encoding="utf-8"),
)


@st.fragment
def draw(
    parts: Mapping[str, Explanation],
    name: str,
    tables: Mapping[str, pd.DataFrame] | None = None,
) -> None:
    """The button; `parts` and `tables` as in export.zip_bundle.bundle, `name` is the file's.

    The browser collects the figures first, as it has drawn them; then Python makes the file,
    and the browser saves it.
    """
    answer = _collector(
        key="everything", data=state.take_file(), on_collected_change=lambda: None
    ).collected
    st.caption(
        "A ZIP with every figure on this page as interactive HTML and as SVG, the numbers as CSV "
        "and Parquet, and a manifest with the link and the Python that gives the numbers again."
    )
    if not answer:
        return
    made = bundle(parts, on_screen(answer["pictures"]), tables=tables, link=str(answer["link"]))
    data = base64.b64encode(made).decode()
    state.keep_file({"asked": str(answer["asked"]), "name": name, "data": data})
    st.rerun(scope="fragment")


def on_screen(pictures: Mapping[str, Any]) -> list[Drawn]:
    """The figures that the browser has a picture of, each with its picture."""
    found = []
    for key, drawn in state.drawn().items():
        picture = pictures.get(css_key(key))
        if isinstance(picture, str):
            found.append(dataclasses.replace(drawn, key=css_key(key), picture=picture))
    return found


def css_key(key: str) -> str:
    """A widget's key as it stands in the page; it is fit for the name of a file too."""
    return re.sub(r"[^a-zA-Z0-9_-]", "-", key)
