"""What the address asked for, for a visitor who opens another page before the first is drawn.

Streamlit takes from page to page what the browser's widgets hold. Where there are none yet, the
language, the network and the image of the link that began the visit would be lost.
"""

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from eca_viz.ui import state

# The parts of the address that mean the same on every page.
_KEPT = (
    state.LANGUAGE,
    state.SOURCE,
    state.NETWORK,
    state.HUB,
    state.IMAGE,
    state.PIN,
    state.PRESENT,
)


def keep() -> None:
    """Notes what the address asks for, and gives it to another page.

    To be called before anything asks for the address.
    """
    context = get_script_run_ctx()
    first = st.session_state.get(state.FIRST_ADDRESS, {})
    if context is None or first is None:
        return
    with context.session_state.query_params() as address:
        if st.session_state.get(state.FIRST_PAGE) in (None, context.page_script_hash):
            asked = {key: address.get_all(key) for key in _KEPT if key in address}
            st.session_state[state.FIRST_ADDRESS] = asked
            return
        lost = {key: values for key, values in first.items() if key not in address}
        for key in lost:
            if binding := address.get_binding_for_param(key):  # to a widget that never showed
                address.unbind_widget(binding.widget_id)
        if lost:
            address.update(lost)
            address.set_initial_query_params_from_current()


def arrive() -> None:
    """Notes which page is drawn; to be called when the navigation has found it."""
    if context := get_script_run_ctx():
        st.session_state[state.FIRST_PAGE] = context.page_script_hash


def forget() -> None:
    """The browser has drawn a page, and with it the widgets that now hold what was asked."""
    st.session_state[state.FIRST_ADDRESS] = None
