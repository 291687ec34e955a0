"""Tabs of which only the open one is computed and drawn."""

from collections.abc import Callable, Mapping

import streamlit as st

from eca_viz.locale.texts import tr


def draw(parts: Mapping[str, Callable[[], None]], *, key: str) -> None:
    """Draws the open tab.

    Args:
        parts: what draws the inside of each tab, by the tab's title.
        key: of the tabs, bound to the address bar.
    """
    tabs = st.tabs([tr(title) for title in parts], key=key, on_change="rerun", bind="query-params")
    for tab, part in zip(tabs, parts.values(), strict=True):
        if tab.open:
            with tab:
                part()
