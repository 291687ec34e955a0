"""The gates of one attention layer."""

import streamlit as st

from eca_viz import figures
from eca_viz.analysis.attention import strongest_and_weakest, weight_range
from eca_viz.figures import captions
from eca_viz.records import Explanation, Floats, LayerAttention
from eca_viz.ui.components import widgets


def draw(explanation: Explanation, record: LayerAttention, channel: int) -> None:
    """The layer in words and four charts, with one channel marked.

    Args:
        explanation: gives the range of the gates of all layers, for common axes.
        record: the layer.
        channel: its marked channel.
    """
    st.subheader(f"One layer: {widgets.plain(record.layer)}")
    span = weight_range(explanation.attention)
    weights = record.weights[0]
    strongest, weakest = strongest_and_weakest(record)
    st.latex(widgets.formula(record))
    st.markdown(
        f"{widgets.size(record)}, mean ω {weights.mean():.3f}, "
        f"spread {weights.std():.3f}. Strongest channels: {_named(strongest, weights)}. "
        f"Weakest: {_named(weakest, weights)}. "
        f"**Channel {channel}**: ω = {weights[channel]:.4f}."
    )
    charts = (
        (figures.weights_over_index, captions.WEIGHTS),
        (figures.sorted_weights, captions.SORTED),
        (figures.weight_distribution, captions.DISTRIBUTION),
        (figures.descriptor_against_weight, captions.DESCRIPTOR),
    )
    columns = st.columns(2)
    for number, (draw, caption) in enumerate(charts):
        with columns[number % 2]:
            name = draw.__name__
            widgets.chart(
                draw(record, span, channel), caption, key=name, alt=f"{name} of {record.layer}"
            )


def _named(channels: list[int], weights: Floats) -> str:
    return ", ".join(f"{channel} ({weights[channel]:.3f})" for channel in channels)
