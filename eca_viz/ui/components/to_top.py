"""Scrolls to the top of the page where what it shows begins anew."""

from pathlib import Path

import streamlit as st

_component = st.components.v2.component(
    "eca_viz_to_top", js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
)


def scroll(shown: str) -> None:
    """Scrolls to the top where `shown` is another one than before."""
    _component(key="to_top", data=[shown], height=1)
