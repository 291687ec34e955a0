"""One button that saves what is on the screen: figures, numbers, manifest, report."""

from __future__ import annotations

import base64
import dataclasses
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from eca_viz.export.zip_bundle import bundle
from eca_viz.figures.drawn import Drawn
from eca_viz.locale.texts import tr
from eca_viz.records import Explanation
from eca_viz.ui import state
from eca_viz.ui.fragments import fragment

if TYPE_CHECKING:
    import pandas as pd

_HTML = """<button type="button"></button> <output></output>"""
_FILE = Path(__file__)
_collector = st.components.v2.component(
    "eca_viz_everything",
    html=_HTML,
    css=_FILE.with_suffix(".css").read_text(encoding="utf-8"),
    js=_FILE.with_suffix(".js").read_text(encoding="utf-8"),
)


def inside(
    parts: Mapping[str, Explanation],
    name: str,
    tables: Mapping[str, pd.DataFrame] | None = None,
) -> None:
    """The button, in a fragment of the page, which runs again for it.

    The browser collects the figures first, as it has drawn them; then Python makes the file,
    and the browser saves it.

    Args:
        parts: as in export.zip_bundle.bundle.
        name: of the file.
        tables: as in export.zip_bundle.bundle.
    """
    answer = _collector(
        key="everything",
        data={**st.session_state.pop(state.FILE, {}), **_texts(name)},
        on_collected_change=lambda: None,
    ).collected
    st.caption(
        tr(
            "A ZIP with every figure on this page as interactive HTML and as SVG, the numbers as "
            "CSV and Parquet, and a manifest with the link and the Python code that gives the same "
            "numbers."
        )
    )
    if not answer:
        return
    made = bundle(
        parts,
        on_screen(answer["svgs"]),
        pictures=pictures_on_screen(answer["pictures"]),
        tables=tables,
        link=str(answer["link"]),
    )
    data = base64.b64encode(made).decode()
    st.session_state[state.FILE] = {"asked": str(answer["asked"]), "name": name, "data": data}
    st.rerun(scope="fragment")


def _texts(name: str) -> dict[str, str]:
    """What the browser says, of a file of this name."""
    return {
        "label": tr("Export everything (ZIP)"),
        "collecting": tr("Collecting the figures …"),
        "saved": tr("{name} is saved.", name=name),
        "failed": tr("No file came back; try again."),
    }


# The button where it stands in no fragment: then it is one. Never one in another: when the outer
# one runs again, Streamlit drops what it has not sent of it yet, but sends what is inside.
draw = fragment(inside)


def on_screen(svgs: Mapping[str, Any]) -> list[Drawn]:
    """The figures of which the browser sent an SVG, each with it."""
    found = []
    for key, drawn in state.drawn().items():
        svg = svgs.get(css_key(key))
        if isinstance(svg, str):
            found.append(dataclasses.replace(drawn, key=css_key(key), svg=svg))
    return found


def pictures_on_screen(keys: Sequence[object]) -> dict[str, str]:
    """The drawings that the browser shows, as SVG, by key."""
    found = {css_key(key): drawing.svg for key, drawing in state.pictures().items()}
    return {key: svg for key, svg in found.items() if key in keys}


def css_key(key: str) -> str:
    """A widget's key as it stands in the page; it is fit for the name of a file too."""
    return re.sub(r"[^a-zA-Z0-9_-]", "-", key)
