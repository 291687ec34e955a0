"""One entry of the browser's history for each action."""

from pathlib import Path

import streamlit as st

_component = st.components.v2.component(
    "eca_viz_history", js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
)


def keep() -> None:
    """Keeps the history in order while the page is open."""
    _component(key="history", height=1)
