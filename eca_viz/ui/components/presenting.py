"""Presenting: large type, no sidebar, one chart a screen; and pages inside a course site."""

from pathlib import Path

import streamlit as st

from eca_viz.locale.texts import tr
from eca_viz.ui import state

_FOLDER = Path(__file__).parent


def toggle() -> None:
    """The switch, to stand in the sidebar."""
    st.toggle(
        tr("Present"),
        key=state.PRESENT,
        bind="query-params",
        help=tr(
            "For a projector: large type, one chart a screen, without this sidebar. The arrow keys "
            "lead to the next and the last step of the lesson, or chart of another page; Esc ends "
            "it."
        ),
    )


def style() -> None:
    """Styles the page for a projector, or for a course site that embeds it."""
    place = st.container()  # always there: see engine.SLOT
    with place:
        if state.presenting():
            st.html(_FOLDER / "presenting.css")
            st.button(
                tr("End presentation"),
                key="end_presentation",
                on_click=_end,
                type="tertiary",
                shortcut="Esc",
            )
        elif st.context.is_embedded:
            st.html(_FOLDER / "embedded.css")


def _end() -> None:
    st.session_state[state.PRESENT] = False
