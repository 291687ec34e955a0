"""The gates of one attention layer."""

import streamlit as st

from eca_viz import figures
from eca_viz.analysis.attention import gate_range, mean_gate, spread, strongest_and_weakest
from eca_viz.analysis.reading import reading_note
from eca_viz.locale.texts import listed, tr
from eca_viz.records import Explanation, Floats, LayerAttention
from eca_viz.ui.components import widgets

CHARTS = (
    figures.gates_over_channels,
    figures.sorted_gates,
    figures.descriptor_against_gate,
)
WIDTHS = (5, 3, 3)


def draw(explanation: Explanation, record: LayerAttention, channel: int) -> None:
    """The layer in words and three charts, with one channel marked.

    Args:
        explanation: gives the range of the gates of all layers, for common axes.
        record: the layer.
        channel: its marked channel.
    """
    span = gate_range(explanation.attention)
    weights = record.weights[0]
    strongest, weakest = strongest_and_weakest(record)
    st.markdown(
        tr(
            "{size}, mean ω {mean:.3f}, spread {spread:.3f}. Strongest channels: {strongest}. "
            "Weakest: {weakest}. **Channel {channel}**: ω = {gate:.4f}.",
            size=widgets.size(record),
            mean=mean_gate(weights),
            spread=spread(weights),
            strongest=_named(strongest, weights),
            weakest=_named(weakest, weights),
            channel=channel,
            gate=weights[channel],
        )
    )
    if note := reading_note(record):
        st.caption(widgets.plain(tr(note)))
    for column, draw in zip(st.columns(WIDTHS), CHARTS, strict=True):
        with column:
            widgets.chart(draw(record, span, channel), key=draw.__name__)


def _named(channels: list[int], weights: Floats) -> str:
    return listed(f"{channel} ({weights[channel]:.3f})" for channel in channels)
