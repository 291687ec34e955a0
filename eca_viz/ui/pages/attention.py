"""Attention: the image, its prediction, every layer's gates."""

import dataclasses

import streamlit as st

from eca_viz import figures
from eca_viz.analysis.attention import attention_table
from eca_viz.analysis.saliency import saliency_limits
from eca_viz.errors import EcaVizError
from eca_viz.records import Explanation, LayerAttention, SaliencyMap
from eca_viz.ui import cache, long_work, state
from eca_viz.ui.components import chart_clicks, layer_picker, widgets
from eca_viz.ui.sections import one_channel, one_layer

OVERLAY = "grad_cam"
CLICKABLE = ("overview", "gates_over_channels", "sorted_gates", "descriptor_against_gate")


def render() -> None:
    """Draws the page."""
    explanation = widgets.with_attention(widgets.current_explanation())
    st.markdown(
        "An attention layer computes a channel weight ω between 0 and 1, its gate, for each "
        "channel of a feature map, and multiplies the channel by it. This page shows the gates of "
        "all layers for this image."
    )
    saliency = _saliency(explanation)
    _summary(explanation, saliency)
    if isinstance(saliency, SaliencyMap):
        explanation = dataclasses.replace(explanation, saliency=(saliency,))
    _explore(explanation)
    widgets.table(attention_table(explanation.attention), "All gates as a table")
    widgets.downloads(explanation)


def _saliency(explanation: Explanation) -> SaliencyMap | str:
    """The map for the predicted class, or why this network has none."""
    network, best = state.choice().network, explanation.predictions[0]
    try:
        return cache.result(long_work.saliency(explanation, network, OVERLAY, best.index, {}))
    except EcaVizError as error:
        return str(error)


def _summary(explanation: Explanation, saliency: SaliencyMap | str) -> None:
    seen, bars, overlay = st.columns(3)
    best = explanation.predictions[0]
    with seen:
        st.subheader("Input of the network")
        st.image(explanation.seen, width=figures.OVERLAY_SIDE - 40, alt=explanation.image.name)
        st.caption(state.choice().credit)
    with bars:
        st.subheader(f"Prediction: {widgets.plain(best.label)}")
        widgets.chart(
            figures.predictions(explanation.predictions),
            key="predictions",
        )
        st.caption(widgets.predictions_note(explanation))
    with overlay:
        st.subheader(f"Saliency for “{widgets.plain(best.label)}”")
        if isinstance(saliency, SaliencyMap):
            _overlay(explanation, saliency)
        else:
            st.info(saliency)


def _overlay(explanation: Explanation, saliency: SaliencyMap) -> None:
    limit = saliency_limits([saliency], shared=False)[0]
    widgets.chart(
        figures.saliency_overlay(explanation.seen, saliency, limit=limit),
        key="overlay",
        caption=f"{saliency.title}. {saliency.reading}",
    )


@st.fragment
def _explore(explanation: Explanation) -> None:
    """From all layers to one channel; reruns alone when another is picked."""
    st.subheader("All attention layers")
    overview = st.container()
    record, channel = layer_picker.pick(explanation)
    chart_clicks.listen(explanation, CLICKABLE)
    with overview:
        _overview(explanation, record, channel)
    one_layer.draw(explanation, record, channel)
    one_channel.steps(explanation, record, channel)
    one_channel.maps(explanation, record, channel)


def _overview(explanation: Explanation, record: LayerAttention, channel: int) -> None:
    st.markdown("Click on a cell, here or in the layer's charts, to pick its channel.")
    relative = st.toggle(
        "Gates less their mean gates over the reference set",
        key=state.LESS_MEAN_GATE,
        bind="query-params",
    )
    mean = cache.mean_gates(state.choice().network) if relative else None
    widgets.chart(
        figures.overview(
            explanation.attention,
            picked=(record, channel),
            mean_gates=mean,
        ),
        key="overview",
    )


render()
