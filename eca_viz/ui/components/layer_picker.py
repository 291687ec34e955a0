"""The layer and the channel that all pages look at: picked once, held in the address bar."""

import streamlit as st

from eca_viz.analysis.attention import standing_out, widest
from eca_viz.locale.texts import text, tr
from eca_viz.records import Explanation, LayerAttention
from eca_viz.ui import state
from eca_viz.ui.components import address
from eca_viz.ui.pages import find_page


def layer(explanation: Explanation) -> LayerAttention:
    """The picker for a layer; the one with the widest spread of gates if none was picked."""
    names = [record.layer for record in explanation.attention]
    address.check(state.LAYER, text("layer"), names)
    first = names.index(widest(explanation.attention).layer)
    name = st.selectbox(tr("Layer"), names, index=first, key=state.LAYER, bind="query-params")
    return explanation.layer(name)


def channel(record: LayerAttention) -> int:
    """The picker for a channel of a layer; one that stands out if none was picked."""
    address.check(state.CHANNEL, text("channel"), range(record.channels))
    return number(tr("Channel"), record.channels, state.CHANNEL, standing_out(record))


def number(label: str, count: int, key: str, first: int = 0) -> int:
    """A picker for one of `count` things that are counted from 0.

    Args:
        label: of the picker, translated.
        count: its last number is one less.
        key: of the picker, bound to the address bar.
        first: is shown where none was picked, or one that is not there.
    """
    last = count - 1
    if st.session_state.get(key, 0) > last:
        st.session_state[key] = first
    return st.number_input(
        label,
        min_value=0,
        max_value=last,
        value=first,
        key=key,
        bind=None if address.drop_endless(key) else "query-params",
        help=tr("Counted from 0; the last one here is {last}.", last=last),
    )


def link_to_channel() -> None:
    """A link to the page of the picked channel; the address takes both pickers along."""
    page = find_page("Channel")
    st.page_link(page.script, label=tr("Channel over many images"), icon=page.icon)


def pick(explanation: Explanation) -> tuple[LayerAttention, int]:
    """Both pickers, side by side."""
    left, right = st.columns(2)
    with left:
        record = layer(explanation)
    with right:
        return record, channel(record)
