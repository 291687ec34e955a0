"""What the app adds to every page in the browser."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

_component = st.components.v2.component(
    "eca_viz_browser", js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
)


@st.fragment
def attend(on_drawn: Callable[[], None]) -> None:
    """Makes each action one entry of the browser's history.

    Args:
        on_drawn: called once, when the browser has drawn the first page.
    """
    _component(key="browser", height=1, on_drawn_change=on_drawn)
