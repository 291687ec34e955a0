"""Does this gate matter: one layer's gates, and all layers, against a class."""

from functools import partial

import streamlit as st

from eca_viz import figures
from eca_viz.analysis.gate_effects import effects_in_words, effects_table
from eca_viz.errors import EcaVizError
from eca_viz.figures import captions
from eca_viz.records import Explanation, LayerAttention
from eca_viz.ui import cache, state
from eca_viz.ui.components import progress as work
from eca_viz.ui.components import widgets

PREDICTED = "the class it says without the change"


def draw(explanation: Explanation, record: LayerAttention) -> None:
    """Measures what is not known yet, each part with a button that stops it."""
    st.subheader("Does this gate matter?")
    st.markdown(
        f"Here nothing of the above is changed. Each gate of {record.layer}, one at a time, "
        "is set to what it usually is, and the class's logit is watched."
    )
    labels = explanation.network.labels
    label = st.selectbox(
        "Effect on", [PREDICTED, *labels], key=state.EFFECT_TARGET, bind="query-params"
    )
    best = explanation.predictions[0].index
    target = best if label == PREDICTED else labels.index(label)
    network = state.choice().network
    try:
        _channel_effects(explanation, network, record.layer, target)
        _layer_effects(explanation, network, target)
    except EcaVizError as error:
        st.error(widgets.plain(str(error)))


def _channel_effects(
    explanation: Explanation, network: state.NetworkChoice, layer: str, target: int
) -> None:
    effects = work.stoppable(
        cache.effects_key(explanation, layer, target),
        f"The gates of {layer}, one by one",
        partial(cache.channel_effects, explanation, network, layer, target),
        key="effects",
        height=300,
    )
    if effects is None:
        return
    usual = cache.usual_gates(network)
    label = explanation.network.labels[target]
    st.markdown(f"**{widgets.plain(effects_in_words(effects, label))}**")
    left, right = st.columns(2)
    with left:
        widgets.chart(
            figures.gate_against_effect(effects),
            captions.GATE_EFFECT,
            key="gate_effect",
            alt=f"Each gate of {layer} against its effect on {label}",
        )
    with right:
        widgets.chart(
            figures.attribution_against_effect(effects),
            captions.ATTRIBUTION_EFFECT,
            key="attribution_effect",
            alt=f"Captum's attribution of each gate of {layer} against its measured effect",
        )
    st.caption(
        f"Usual gates: {usual.source}. {len(effects.change):,} changes in {effects.seconds:.1f} s; "
        f"the logit of {widgets.plain(label)} is {effects.logit:.3f} without a change."
    )
    widgets.table(effects_table(effects), "The effects as a table")


def _layer_effects(explanation: Explanation, network: state.NetworkChoice, target: int) -> None:
    st.markdown("**And all gates of a layer at once**")
    effects = work.stoppable(
        cache.effects_key(explanation, target),
        "Layer by layer",
        partial(cache.layer_effects, explanation, network, target),
        key="layer_effects",
        height=300,
    )
    if effects is not None:
        widgets.chart(
            figures.layer_effects(effects),
            captions.LAYER_EFFECT,
            key="layer_effects",
            alt="Change of the logit when all gates of one layer are usual",
        )
