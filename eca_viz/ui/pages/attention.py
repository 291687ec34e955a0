"""Attention: the image, its prediction, every layer's gates, one layer, one channel."""

import dataclasses
from collections.abc import Callable
from functools import partial

import streamlit as st

from eca_viz import figures
from eca_viz.analysis.attention import attention_table
from eca_viz.analysis.familiarity import headline
from eca_viz.analysis.reading import unread_note
from eca_viz.analysis.saliency import saliency_limits
from eca_viz.errors import EcaVizError
from eca_viz.export.stored import METHOD
from eca_viz.figures.drawn import Drawn
from eca_viz.locale.texts import text, tr
from eca_viz.records import Explanation
from eca_viz.ui import cache, long_work, state
from eca_viz.ui.components import chart_clicks, frames, layer_picker, tabs, widgets
from eca_viz.ui.fragments import fragment
from eca_viz.ui.sections import imagenet_offer, one_channel, one_layer

SIDE = 240
OVERVIEW, NETWORK = "overview", "network_picture"
CLICKABLE = (OVERVIEW, NETWORK, *(draw.__name__ for draw in one_layer.CHARTS))


def render() -> None:
    """Draws the page."""
    explanation = widgets.with_attention(widgets.current_explanation())
    result, layers = st.columns([2, 3], gap="medium")
    with result:
        shown = _result(explanation)
    with layers:
        _overview(explanation)
    _explore(shown)


def _result(explanation: Explanation) -> Explanation:
    """Image, overlay and predictions; returns the explanation with the map that is shown."""
    st.header(widgets.plain(tr(headline(explanation))))
    imagenet_offer.draw(explanation, st.container())
    seen, overlay = st.columns(2)
    with seen:
        st.image(explanation.seen, width="stretch", alt=explanation.image.name)
    with overlay:
        shown = _overlay(explanation)
    readings = (f"{tr(one.title)}: {tr(one.reading)}" for one in shown.saliency)
    lines = [tr(state.choice().credit), *readings]
    st.caption("  \n".join(lines))
    if explanation.predictions:
        widgets.chart(figures.predictions(explanation.predictions), key="predictions")
    st.caption(widgets.predictions_note(explanation))
    return shown


def _overlay(explanation: Explanation) -> Explanation:
    network = state.choice().network
    if explanation.target is None:
        return explanation
    first = cache.first_pass(explanation.image, network, ())
    try:
        work = long_work.saliency(explanation, network, METHOD, explanation.target, {})
        saliency = first.saliency[0] if first.saliency else cache.result(work)
    except EcaVizError as error:
        st.info(widgets.plain(tr(error)))
        return explanation
    limit = saliency_limits([saliency], shared=False)[0]
    widgets.chart(
        figures.saliency_overlay(explanation.seen, saliency, limit=limit, side=SIDE),
        key="overlay",
        caption="",
    )
    return dataclasses.replace(explanation, saliency=(saliency,))


@fragment
def _overview(explanation: Explanation) -> None:
    """All layers; drawn again only with the toggle, the picked cell is marked in the browser."""
    title, toggle = st.columns([1, 1], vertical_alignment="center")
    title.header(tr("All attention layers"))
    relative = toggle.toggle(
        tr("Gates less their mean gates"),
        key=state.LESS_MEAN_GATE,
        bind="query-params",
        help=tr(
            "Over the reference set. Without it: the gates ω themselves, each the factor between "
            "0 and 1 by which the layer multiplies one channel of its feature map."
        ),
    )
    widgets.chart(figures.network_picture(explanation.attention), key=NETWORK)
    mean = cache.mean_gates(state.choice().network) if relative else None
    widgets.chart(figures.overview(explanation.attention, mean_gates=mean), key=OVERVIEW)
    if note := unread_note(explanation):
        st.caption(widgets.plain(tr(note)))


@fragment
def _explore(explanation: Explanation) -> None:
    """What lies below the first screen: one layer and one channel, and the downloads.

    Reruns alone when another layer or channel is picked.
    """
    state.rerun_if_outdated()
    record, channel = layer_picker.pick(explanation)
    chart_clicks.listen(explanation, CLICKABLE, OVERVIEW, record, channel)
    overview = figures.framed(
        state.drawn()[OVERVIEW].figure, explanation.attention, record, channel
    )
    state.drawn()[OVERVIEW] = Drawn(OVERVIEW, overview)
    if state.FIRST_SCREEN not in st.session_state:
        st.skeleton(height=480)  # what lies below follows when the browser has drawn the first
        return
    parts = {
        text("Layer"): one_layer.draw,
        text("Channel step by step"): one_channel.steps,
        text("Feature maps"): one_channel.maps,
    }
    opened: dict[str, Callable[[], None]] = {
        title: partial(part, explanation, record, channel) for title, part in parts.items()
    }
    tabs.draw({**opened, text("Table"): partial(_table, explanation)}, key=state.ATTENTION_TAB)
    layer_picker.link_to_channel()
    widgets.downloads(explanation, fragment=True)


def _table(explanation: Explanation) -> None:
    frames.draw(attention_table(explanation.attention))


render()
