"""What if: change the gates, watch the prediction, and measure which of them matter."""

import contextlib

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from eca_viz import figures
from eca_viz.analysis import class_matching, comparison
from eca_viz.analysis.attention import weight_range
from eca_viz.analysis.saliency import describe, saliency_limits
from eca_viz.errors import EcaVizError
from eca_viz.figures import captions
from eca_viz.gates.change import EVERYWHERE, GateChange
from eca_viz.gates.kinds import KINDS, Kind, find_kind
from eca_viz.records import Contrast, Explanation, LayerAttention, SaliencyMap
from eca_viz.settings import Param
from eca_viz.ui import cache, state
from eca_viz.ui.components import layer_picker as picked
from eca_viz.ui.components import widgets
from eca_viz.ui.sections import gate_effects
from eca_viz.ui.sidebar import pin

METHOD = "grad_cam"
ONE_CHANNEL = "channel"
ONE_LAYER = "one layer"
TITLES = {kind.name: kind.title for kind in KINDS}


def render() -> None:
    """Draws the page."""
    before = widgets.with_attention(widgets.current_explanation())
    st.markdown(
        "Change the gates and watch what the network makes of it. Everything else stays as it was "
        "trained, so that what moves, moves because of the gates."
    )
    changes, record = _changes(before)
    after = _changed(changes)
    _verdict(before, after)
    found = comparison.compare(after, before)
    _predictions(found)
    _overview(found)
    _saliency(before, after)
    gate_effects.draw(before, record)
    widgets.downloads_of_several(
        {"changed": after, "as_trained": before},
        {
            "predictions": class_matching.prediction_table(found),
            "layers": comparison.layer_table(found),
        },
    )


def _changed(changes: tuple[str, ...]) -> Explanation:
    """With all changes, or without those that do not fit, each of which is told."""
    choice, fitting = state.choice(), list[str]()
    with contextlib.suppress(EcaVizError):
        return cache.explanation(choice.image, choice.network, changes)
    for change in changes:
        try:
            cache.explanation(choice.image, choice.network, (*fitting, change))
        except EcaVizError as error:
            st.error(f"Left out: {widgets.plain(str(error))}")
        else:
            fitting.append(change)
    return cache.explanation(choice.image, choice.network, tuple(fitting))


def _changes(explanation: Explanation) -> tuple[tuple[str, ...], LayerAttention]:
    """The changes that were kept and the one at hand, in their text form; the picked layer."""
    at_hand, first = st.container(), st.container()
    kept, keep = _kept(first)
    with at_hand:
        change, record = _at_hand(explanation)
    with keep:
        st.button("Keep this one", on_click=_keep, args=(change,), key="keep", width="stretch")
    return (*kept, change), record


def _at_hand(explanation: Explanation) -> tuple[str, LayerAttention]:
    """The change that the pickers make, and the layer that is picked."""
    what, where, layer, channel = st.columns([3, 2, 2, 2])
    with what:
        name = st.selectbox(
            "What if the gates were …",
            list(TITLES),
            format_func=TITLES.__getitem__,
            key=state.GATE_KIND,
            bind="query-params",
        )
        kind = find_kind(name)
    with layer:
        record = picked.layer(explanation)
    with channel:
        index = picked.channel(record)
    with where:
        place = _place(explanation, name == ONE_CHANNEL)
    given = {}
    for param in kind.params:
        by_picker = name == ONE_CHANNEL and param.name == "index"
        given[param.name] = index if by_picker else _number(kind.name, param)
    st.caption(_reading(kind))
    where_text = record.layer if place == ONE_LAYER else place
    return str(GateChange(name, where_text, given)), record


def _place(explanation: Explanation, one_channel: bool) -> str:
    """Where the change goes; a channel is one of a layer, so that there is no choice."""
    stages = dict.fromkeys(record.stage for record in explanation.attention)
    places = [ONE_LAYER] if one_channel else [EVERYWHERE, *stages, ONE_LAYER]
    place: str = st.selectbox(
        "Where",
        places,
        format_func=lambda place: "all layers" if place == EVERYWHERE else place,
        key=state.GATE_PLACE if not one_channel else None,
        bind="query-params" if not one_channel else None,
        disabled=one_channel,
    )
    return place


def _number(kind: str, param: Param) -> float:
    number: float = st.slider(
        param.title,
        param.low,
        param.high,
        param.default,
        param.step,
        key=state.change_key(kind, param.name),
        bind="query-params",
    )
    return number


def _reading(kind: Kind) -> str:
    if not kind.needs_reference:
        return kind.reading
    usual = cache.usual_gates(state.choice().network)
    return f"{kind.reading} Here that is {usual.source} ({usual.photographs:,} photographs)."


def _kept(place: DeltaGenerator) -> tuple[list[str], DeltaGenerator]:
    """Changes that stay while another one is tried, and where the button goes that adds one."""
    left, right = place.columns([4, 1], vertical_alignment="bottom")
    with left:
        kept = st.multiselect(
            "Changes that come first",
            st.session_state.get(state.KEPT_CHANGES) or [],
            key=state.KEPT_CHANGES,
            bind="query-params",
            accept_new_options=True,
            placeholder="none; keep the one above to add another, or type one: layer4:shuffle=3",
        )
    return kept, right


def _keep(change: str) -> None:
    st.session_state[state.KEPT_CHANGES] = [
        *(st.session_state.get(state.KEPT_CHANGES) or []),
        change,
    ]


def _verdict(before: Explanation, after: Explanation) -> None:
    was, now = before.predictions[0], after.predictions[0]
    share = float(after.probabilities[was.index])
    if now.index == was.index:
        st.subheader(
            f"Still {widgets.plain(was.label)}: {was.probability:.1%} before, {share:.1%} now"
        )
    else:
        st.subheader(
            f"Now {widgets.plain(now.label)} ({now.probability:.1%}); {widgets.plain(was.label)} "
            f"falls from {was.probability:.1%} to {share:.1%}"
        )
    said, button = st.columns([4, 1])
    with said:
        st.caption(
            f"**A** is with {widgets.plain(' '.join(after.gates))}, **B** as it was trained, "
            "**A − B** what the change does."
        )
    with button:
        changed = state.with_gates(after.gates)
        pin.button(changed, key="pin_changed", label="Pin the change as A")


def _predictions(found: Contrast) -> None:
    table = class_matching.prediction_table(found)
    seen, both, apart = st.columns([1, 2, 2])
    with seen:
        st.image(found.b.seen, width=220, alt=found.b.image.name)
        st.caption(state.choice().credit)
    with both:
        widgets.chart(
            figures.contrast_predictions(table),
            key="changed_predictions",
            alt="Probability of the best classes with the changed gates and without",
        )
    with apart:
        widgets.chart(
            figures.difference_predictions(table),
            key="moved_predictions",
            alt="How far each probability moves, in percentage points",
        )
    st.caption(f"{captions.CHANGED_PREDICTIONS} {widgets.predictions_note(found.b)}")


def _overview(found: Contrast) -> None:
    st.subheader("All attention layers after the change")
    left, right = st.columns(2)
    with left:
        widgets.chart(
            figures.overview(
                found.a.attention, span=weight_range([*found.a.attention, *found.b.attention])
            ),
            key="changed_overview",
            alt="The weights of every attention layer with the changed gates",
        )
    with right:
        widgets.chart(
            figures.contrast_overview(found),
            key="moved_overview",
            alt="How far the weights of every attention layer moved",
        )
    st.caption(captions.CHANGED_OVERVIEW)
    widgets.table(comparison.layer_table(found), "The layers as a table")


def _saliency(before: Explanation, after: Explanation) -> None:
    best = before.predictions[0]
    st.subheader(f"Where it sees “{widgets.plain(best.label)}”")
    columns = st.columns(2)
    sides = {"A": after, "B": before}
    found: dict[str, SaliencyMap] = {}
    for column, (side, explanation) in zip(columns, sides.items(), strict=True):
        with column:
            try:
                network = state.choice().network
                found[side] = cache.saliency(explanation, network, METHOD, best.index, {})
            except EcaVizError as error:
                st.info(widgets.plain(str(error)))
    limits = saliency_limits(list(found.values()), shared=True)
    for column, (side, saliency), limit in zip(columns, found.items(), limits, strict=False):
        with column:
            widgets.chart(
                figures.saliency_overlay(sides[side].seen, saliency, limit=limit),
                f"**{side}**. {describe(saliency)}",
                key=f"changed_saliency-{side}",
                alt=f"{saliency.title} of {side} for {best.label}",
            )


render()
