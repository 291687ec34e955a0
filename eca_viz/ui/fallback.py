"""Says on the page that a network left its device."""

import sys

import streamlit as st

from eca_viz.locale.texts import tr
from eca_viz.ui import state


def tell() -> None:
    """Says it once to each visit that looks at the network; it stays until it is closed."""
    device = sys.modules.get("eca_viz.networks.device")  # needs PyTorch, the first page does not
    chosen = st.session_state.get(state.CHOICE)
    if device is None or chosen is None:
        return
    for one in (chosen, state.pinned()):
        sentence = device.fell_back.get(one.network.sha256) if one is not None else None
        if sentence is not None and sentence not in state.told():
            state.told().add(sentence)
            st.toast(tr(sentence), icon=":material/memory_alt:", duration="infinite")
