"""Attention: the photograph, its prediction, every layer's channel weights."""

import dataclasses

import streamlit as st

from eca_viz import figures
from eca_viz.analysis.attention import attention_table, strongest_and_weakest, weight_range
from eca_viz.analysis.saliency import saliency_limits
from eca_viz.errors import EcaVizError
from eca_viz.figures import captions
from eca_viz.records import Explanation, Floats, LayerAttention, SaliencyMap
from eca_viz.ui import cache, state
from eca_viz.ui.components import chart_clicks as clicks
from eca_viz.ui.components import layer_picker as picked
from eca_viz.ui.components import widgets
from eca_viz.ui.sections import channel as channel_view

OVERLAY = "grad_cam"
CLICKABLE = ("overview", "weights_over_index", "sorted_weights", "descriptor_against_weight")


def render() -> None:
    """Draws the page."""
    explanation = widgets.with_attention(widgets.current_explanation())
    st.markdown(
        "An attention layer gives each channel of a feature map a weight ω between 0 and 1 and "
        "multiplies the channel by it. Here is every weight that this photograph gets."
    )
    saliency = _saliency(explanation)
    _summary(explanation, saliency)
    if isinstance(saliency, SaliencyMap):
        explanation = dataclasses.replace(explanation, saliency=(saliency,))
    _explore(explanation)
    widgets.table(attention_table(explanation.attention), "All weights as a table")
    widgets.downloads(explanation)


def _saliency(explanation: Explanation) -> SaliencyMap | str:
    """The map for the predicted class, or why this network has none."""
    network, best = state.choice().network, explanation.predictions[0]
    try:
        return cache.saliency(explanation, network, OVERLAY, best.index, {})
    except EcaVizError as error:
        return str(error)


def _summary(explanation: Explanation, saliency: SaliencyMap | str) -> None:
    seen, bars, overlay = st.columns(3)
    best = explanation.predictions[0]
    with seen:
        st.subheader("What the network sees")
        st.image(explanation.seen, width=figures.OVERLAY_SIDE - 40, alt=explanation.image.name)
        st.caption(state.choice().credit)
    with bars:
        st.subheader(f"It says: {widgets.plain(best.label)}")
        widgets.chart(
            figures.predictions(explanation.predictions),
            captions.PREDICTIONS,
            key="predictions",
            alt="Probability of the five best classes",
        )
        st.caption(widgets.predictions_note(explanation))
    with overlay:
        st.subheader(f"Where it sees “{widgets.plain(best.label)}”")
        if isinstance(saliency, SaliencyMap):
            _overlay(explanation, saliency)
        else:
            st.info(saliency)


def _overlay(explanation: Explanation, saliency: SaliencyMap) -> None:
    limit = saliency_limits([saliency], shared=False)[0]
    widgets.chart(
        figures.saliency_overlay(explanation.seen, saliency, limit=limit),
        f"{saliency.title}. {saliency.reading}",
        key="overlay",
        alt=f"{saliency.title} for {saliency.target.label} over the photograph",
    )


@st.fragment
def _explore(explanation: Explanation) -> None:
    """From all layers to one channel; reruns alone when another is picked."""
    st.subheader("All attention layers")
    overview = st.container()
    record, channel = picked.pick(explanation)
    clicks.listen(explanation, CLICKABLE)
    with overview:
        _overview(explanation, record, channel)
    _layer(explanation, record, channel)
    channel_view.steps(explanation, record, channel)
    channel_view.sees(explanation, record, channel)


def _overview(explanation: Explanation, record: LayerAttention, channel: int) -> None:
    st.markdown("Click on a cell, here or in the layer's charts, to pick its channel.")
    moved = st.toggle(
        "What this photograph moved: each weight less its channel's usual one",
        key=state.LESS_USUAL,
        bind="query-params",
    )
    usual = cache.usual_gates(state.choice().network) if moved else None
    widgets.chart(
        figures.overview(
            explanation.attention,
            picked=(record, channel),
            usual=None if usual is None else usual.gates,
        ),
        captions.OVERVIEW if usual is None else captions.MOVED.format(source=usual.source),
        key="overview",
        alt="One row per attention layer, one cell per channel, coloured by its weight",
    )


def _layer(explanation: Explanation, record: LayerAttention, channel: int) -> None:
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


render()
