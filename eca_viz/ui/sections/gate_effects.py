"""The measured effect of one layer's gates, and of all layers, on a class."""

import streamlit as st

from eca_viz import figures
from eca_viz.analysis.gate_effects import effects_in_words, effects_table
from eca_viz.errors import EcaVizError
from eca_viz.locale.texts import text, tr
from eca_viz.records import Explanation, LayerAttention
from eca_viz.ui import cache, long_work, state
from eca_viz.ui.components import class_picker, layer_picker, progress, widgets

PREDICTED = text("predicted class without the change")


def draw(explanation: Explanation, picked: LayerAttention | None) -> None:
    """Measures what is not known yet, each part with a button that stops it.

    Args:
        explanation: without changed gates.
        picked: the layer, where the page has a picker for it already.
    """
    layer, effect = st.columns(2)
    with layer:
        record = picked or layer_picker.layer(explanation)
    st.markdown(
        tr(
            "The changes above do not apply here. Each gate of {layer}, one at a time, is set to "
            "its mean gate, and the change of the class's logit, or of the score, is measured.",
            layer=record.layer,
        )
    )
    with effect:
        target = class_picker.target(
            explanation, tr("Effect on"), PREDICTED, key=state.EFFECT_TARGET
        )
    if target is None:
        return
    network = state.choice().network
    try:
        _channel_effects(explanation, network, record.layer, target)
        _layer_effects(explanation, network, target)
    except EcaVizError as error:
        st.error(widgets.plain(tr(error)))


def _channel_effects(
    explanation: Explanation, network: state.NetworkChoice, layer: str, target: int
) -> None:
    work = long_work.channel_effects(explanation, network, layer, target)
    effects = progress.stoppable(work, key="effects", height=300)
    if effects is None:
        return
    mean = cache.mean_gates(network)
    label = tr(explanation.label_of(target))
    st.markdown(f"**{widgets.plain(tr(effects_in_words(effects, label)))}**")
    left, right = st.columns(2)
    with left:
        widgets.chart(figures.gate_against_effect(effects), key="gate_effect")
    with right:
        widgets.chart(figures.attribution_against_effect(effects), key="attribution_effect")
    st.caption(
        tr(
            "Mean gates: {source}. {changes:,} changes in {seconds:.1f} s; the logit of {label} is "
            "{logit:.3f} without a change.",
            source=tr(mean.source),
            changes=len(effects.change),
            seconds=effects.seconds,
            label=widgets.plain(label),
            logit=effects.logit,
        )
    )
    widgets.table(effects_table(effects), tr("The effects as a table"))
    layer_picker.link_to_channel()


def _layer_effects(explanation: Explanation, network: state.NetworkChoice, target: int) -> None:
    st.markdown(tr("**And all gates of a layer at once**"))
    work = long_work.layer_effects(explanation, network, target)
    effects = progress.stoppable(work, key="layer_effects", height=300)
    if effects is not None:
        widgets.chart(figures.layer_effects(effects), key="layer_effects")
