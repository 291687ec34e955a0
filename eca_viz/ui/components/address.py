"""What the address bar asked for when the visit began, and what of it cannot be had."""

from collections.abc import Sequence

import streamlit as st

from eca_viz.ui import state
from eca_viz.ui.components import widgets


def note() -> None:
    """Keeps what the address asks for, before a picker drops what it does not know."""
    if state.ASKED not in st.session_state:
        asked = {key: st.query_params.get_all(key) for key in st.query_params}
        st.session_state[state.ASKED] = asked


def check(key: str, what: str, options: Sequence[object]) -> None:
    """Says once what is wrong with the part of the address that one picker is bound to.

    Args:
        key: of the picker.
        what: it picks, as people call it.
        options: whose texts the address can hold.
    """
    place = st.container()  # always there: see engine.SLOT
    known = {str(option).casefold() for option in options}
    for asked in st.session_state.get(state.ASKED, {}).pop(key, ()):
        if asked.casefold() not in known:
            place.warning(
                f"The address asks for the {what} “{widgets.plain(asked)}”, which is not there; "
                "the page shows another one."
            )
