"""One channel: how its gate is computed, and its saliency in the image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from eca_viz import figures
from eca_viz.analysis.attention import gate_range, strongest_and_weakest
from eca_viz.analysis.channel_steps import map_table, receptive_window, terms_table
from eca_viz.analysis.saliency import saliency_limits
from eca_viz.errors import EcaVizError
from eca_viz.locale.texts import text, tr
from eca_viz.records import (
    Bottleneck,
    ChannelSteps,
    Explanation,
    Floats,
    LayerAttention,
    SaliencyMap,
)
from eca_viz.ui import cache, long_work, state
from eca_viz.ui.components import layer_picker, picture, progress, widgets

if TYPE_CHECKING:
    import pandas as pd

FRAMES = 24
WIDEST = 32
LONG_FORMULAS = ("eca_mlp", "gct", "global_context", "srm")
DIGITS = "%.7g"
ENDINGS = {
    "sigmoid": "ω = 1 / (1 + e⁻ᶻ)",
    "hard sigmoid": "ω = min(max(z/6 + ½, 0), 1)",
    "1 + tanh": "ω = 1 + tanh z",
}


def steps(explanation: Explanation, record: LayerAttention, index: int) -> None:
    """The arithmetic of one channel's gate, with the numbers of the image.

    Args:
        explanation: of the image.
        record: the layer.
        index: of the channel.
    """
    st.header(tr("Channel {channel}, step by step", channel=index))
    first = max(0, min(index - FRAMES // 2, record.channels - FRAMES))
    near = range(first, min(first + FRAMES, record.channels))
    network = state.choice().network
    try:
        frames = cache.channel_steps(explanation, network, record.layer, near)
        features = cache.feature_maps(explanation, network)[record.layer]
    except EcaVizError as error:
        st.info(widgets.plain(tr(error)))
        return
    one = frames[index - first]
    picture.draw(
        figures.block_picture(
            one, record, features.before[index], span=gate_range(explanation.attention)
        ),
        key="block",
    )
    long = record.maximum is not None or record.mechanism in LONG_FORMULAS
    formula, words = st.columns([2, 3] if long else [1, 3], vertical_alignment="center")
    formula.latex(widgets.formula(record))
    words.markdown(_arithmetic(one, record))
    left, right = st.columns([3, 2])
    with left:
        widgets.chart(figures.channel_terms(one), key="steps")
    with right:
        widgets.chart(figures.activation_curve(one), key="activation_curve")
    _table(terms_table(one.terms), tr("Every term, to check with a calculator"))
    if one.bottleneck is not None:
        _bottleneck(one, one.bottleneck, record)
    elif not (record.maximum is not None or one.terms.names) and len(one.terms.values) <= min(
        WIDEST, record.channels - 1
    ):
        _window(frames, index)


def _table(frame: pd.DataFrame, title: str) -> None:
    """With all the digits that a number has: Streamlit shows four behind the point."""
    numbers = [str(name) for name in frame if frame[name].dtype.kind == "f"]
    format_ = st.column_config.NumberColumn(format=DIGITS)
    widgets.table(frame, title, dict.fromkeys(numbers, format_))


def _arithmetic(one: ChannelSteps, record: LayerAttention) -> str:
    """The receptive window of the gate across channels, its z and its ω, in words."""
    # Translators: {depends} is such as "depends on its own channel alone", {formula} "ω = …".
    return tr(
        "Gate {channel} {depends}. The products add up to **z = {logit:.6g}**, and {formula} = "
        "**{weight:.6g}**: the layer multiplies its feature map by that.",
        channel=one.channel,
        depends=tr(receptive_window(one, record.channels)),
        logit=one.logit,
        formula=ENDINGS[one.activation],
        weight=one.weight,
    )


def _bottleneck(one: ChannelSteps, middle: Bottleneck, record: LayerAttention) -> None:
    """The arithmetic of one value in SE's bottleneck."""
    import pandas as pd  # slow to import

    place = layer_picker.number(tr("Value of the bottleneck"), len(middle.values), state.BOTTLENECK)
    st.markdown(
        tr(
            "h {place}: all channels times row {place} of W₁ add up to **{total:.6g}**, and its "
            "{activation} is **{value:.6g}**.",
            place=place,
            total=middle.sums[place],
            activation=tr(middle.activation),
            value=middle.values[place],
        )
    )
    terms = middle.terms(place, record.descriptor[0])
    widgets.chart(figures.bottleneck_terms(terms), key="squeeze")
    _table(terms_table(terms), tr("Every term of h {place}", place=place))
    values = pd.DataFrame(
        {
            "h": range(len(middle.values)),
            text("sum W₁y"): middle.sums,
            text("value"): middle.values,
            **_of_maximum(middle, one.bottleneck_of_maximum),
            text("weight W₂"): one.terms.coefficients,
            text("product"): one.terms.products,
        }
    )
    _table(values, tr("The whole bottleneck"))


def _of_maximum(middle: Bottleneck, other: Bottleneck | None) -> dict[str, Floats]:
    """The columns of a second bottleneck, that of the maxima m, and the sum of both."""
    if other is None:
        return {}
    both = middle.values + other.values
    return {
        text("sum W₁m"): other.sums,
        # Translators: of the maxima m, beside that of the averages y.
        text("value of m"): other.values,
        text("both"): both,
    }


def _window(frames: Sequence[ChannelSteps], index: int) -> None:
    """Drawn on request: its two dozen frames take longer to make than all other charts."""
    if not st.toggle(
        tr("Let the window slide along the channels"), key=state.SLIDE, bind="query-params"
    ):
        return
    widgets.chart(figures.channel_window(frames, index), key="window")


def maps(explanation: Explanation, record: LayerAttention, index: int) -> None:
    """Feature maps of the channel beside the strongest and weakest, and its saliency.

    Args:
        explanation: of the image.
        record: the layer.
        index: of the channel.
    """
    st.header(tr("Feature maps and saliency of channel {channel}", channel=index))
    try:
        features = cache.feature_maps(explanation, state.choice().network)[record.layer]
    except EcaVizError as error:
        st.error(widgets.plain(tr(error)))
        return
    (strongest,), (weakest,) = strongest_and_weakest(record, 1)
    channels: dict[str, int] = {
        # Translators: of these channels the feature maps are shown.
        text("picked"): index,
        text("strongest"): strongest,
        text("weakest"): weakest,
    }
    left, right = st.columns(2)
    with left:
        own = st.toggle(
            tr("Each channel on its own colour scale"), key=state.OWN_SCALE, bind="query-params"
        )
        widgets.chart(
            figures.feature_maps(
                explanation.seen,
                features.before,
                record,
                {tr(title): channel for title, channel in channels.items()},
                shared=not own,
            ),
            key="feature_maps",
        )
        _table(map_table(features, record, channels), tr("The maps in numbers"))
    with right:
        _saliency(explanation, record, index)


def _saliency(explanation: Explanation, record: LayerAttention, index: int) -> None:
    method = st.pills(
        tr("Saliency of this channel"),
        list(long_work.CHANNEL_TITLES),
        wrap=True,
        help=tr("The method stays for the channels that are picked next."),
        format_func=lambda name: tr(long_work.CHANNEL_TITLES[name]),
        key=state.CHANNEL_METHOD,
        bind="query-params",
    )
    if method is None:
        return
    network = state.choice().network
    try:
        work = long_work.channel_saliency(explanation, network, record.layer, index, method)
        found = progress.computed(work, height=figures.OVERLAY_SIDE)
    except EcaVizError as error:
        st.error(widgets.plain(tr(error)))
        return
    _draw(explanation, found)


def _draw(explanation: Explanation, found: SaliencyMap) -> None:
    widgets.chart(
        figures.saliency_overlay(
            explanation.seen, found, limit=saliency_limits([found], shared=False)[0]
        ),
        key="channel_saliency",
    )
    if not found.values.any():
        st.info(tr("Every value of this map is zero: no pixel changes the channel's average."))
