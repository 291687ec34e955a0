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
    return number("Channel", record.channels, state.CHANNEL)


def number(label: str, count: int, key: str) -> int:
    """A picker for one of `count` things that are counted from 0.

    Args:
        label: of the picker.
        count: its last number is one less.
        key: of the picker, bound to the address bar.
    """
    last = count - 1
    if st.session_state.get(key, 0) > last:
        st.session_state[key] = last
    return st.number_input(
        label,
        min_value=0,
        max_value=last,
        key=key,
        bind="query-params",
        help=f"Counted from 0; the last one here is {last}.",
    )


def pick(explanation: Explanation) -> tuple[LayerAttention, int]:
    """Both pickers, side by side."""
    left, right = st.columns(2)
    with left:
        record = layer(explanation)
    with right:
        return record, channel(record)
