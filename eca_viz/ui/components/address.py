"""What the address bar asked for when the visit began, and what of it cannot be had."""

import math
from collections.abc import Sequence

import streamlit as st

from eca_viz.locale.plain_text import shortened
from eca_viz.locale.texts import text, tr
from eca_viz.ui import state
from eca_viz.ui.components import widgets


def note() -> None:
    """Keeps what the address asks for, before a picker drops what it does not know.

    What was wrong is said until the next run of the whole page, also when parts of it run again.
    """
    state.wrong_in_address().clear()
    if state.ASKED not in st.session_state:
        asked = {key: st.query_params.get_all(key) for key in st.query_params}
        st.session_state[state.ASKED] = asked


def drop_endless(key: str) -> bool:
    """Drops what the address holds for a picker of whole numbers, where it is not finite.

    Streamlit's own fails on it. Returns whether it was, with which the picker cannot be bound.
    """
    try:
        finite = math.isfinite(float(st.query_params.get(key, "0")))
    except ValueError:
        return False
    if not finite:
        del st.query_params[key]
    return not finite


def check(key: str, what: str, options: Sequence[object]) -> None:
    """Says what is wrong with the part of the address that one picker is bound to.

    Args:
        key: of the picker.
        what: it picks, as people call it; a Text.
        options: whose texts, or themselves where they are ids, the address can hold.
    """
    place = st.container()  # always there: see engine.SLOT
    known = {said for option in options for said in (str(option), _shown(option))}
    wrong = state.wrong_in_address()
    for asked in st.session_state.get(state.ASKED, {}).pop(key, ()):
        if asked not in known:
            wrong[key] = text(
                "The address asks for the {what} “{asked}”, which is not there; the page shows "
                "another one.",
                what=what,
                asked=widgets.plain(shortened(asked)),
            )
    if key in wrong:
        place.warning(tr(wrong[key]))


def _shown(option: object) -> str:
    """The text of an option in the picker, which the address holds."""
    return tr(option) if isinstance(option, str) else str(option)
