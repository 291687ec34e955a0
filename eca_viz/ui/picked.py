"""The layer and the channel that all pages look at: picked once, held in the address bar."""

import streamlit as st

from eca_viz.records import Explanation, LayerAttention
from eca_viz.ui import state


def layer(explanation: Explanation) -> LayerAttention:
    """The picker for a layer; the network's last one where it has none of the picked name."""
    names = [record.layer for record in explanation.attention]
    name = st.selectbox("Layer", names, index=len(names) - 1, key=state.LAYER, bind="query-params")
    return explanation.layer(name)


def channel(record: LayerAttention) -> int:
    """The picker for a channel of a layer; its last one where the layer has not so many."""
    last = record.channels - 1
    if st.session_state.get(state.CHANNEL, 0) > last:
        st.session_state[state.CHANNEL] = last
    return st.number_input(
        "Channel",
        min_value=0,
        max_value=last,
        key=state.CHANNEL,
        bind="query-params",
        help=f"Channels are counted from 0, so this layer's last one is {last}.",
    )


def pick(explanation: Explanation) -> tuple[LayerAttention, int]:
    """Both pickers, side by side."""
    left, right = st.columns(2)
    with left:
        record = layer(explanation)
    with right:
        return record, channel(record)
