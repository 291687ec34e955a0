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
    """Notes the address of a visit's first run, and gives it to another page.

    To be called before anything asks for the address.
    """
    context = get_script_run_ctx()
    if context is None:
        return
    page = context.page_script_hash
    with context.session_state.query_params() as address:
        if state.FIRST_ADDRESS not in st.session_state:
            asked = {key: address.get_all(key) for key in _KEPT if key in address}
            st.session_state[state.FIRST_ADDRESS] = page, asked
            return
        before, asked = st.session_state[state.FIRST_ADDRESS]
        lost = {key: values for key, values in asked.items() if key not in address}
        if page != before and lost:
            st.session_state[state.FIRST_ADDRESS] = page, asked
            for key in lost:
                if binding := address.get_binding_for_param(key):  # to a widget that never showed
                    address.unbind_widget(binding.widget_id)
            address.update(lost)
            address.set_initial_query_params_from_current()


def forget() -> None:
    """The browser has drawn a page, and with it the widgets that now hold what was asked."""
    st.session_state[state.FIRST_ADDRESS] = "", {}
