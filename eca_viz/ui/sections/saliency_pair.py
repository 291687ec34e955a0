"""The saliency maps of both sides of a comparison."""

from collections.abc import Mapping

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from eca_viz import figures
from eca_viz.analysis import class_matching, comparison
from eca_viz.analysis.reading import no_classes_note
from eca_viz.analysis.saliency import describe, saliency_limits
from eca_viz.errors import EcaVizError
from eca_viz.locale.texts import text, tr
from eca_viz.records import Comparison, Explanation, Prediction, SaliencyMap
from eca_viz.saliency.registry import METHODS, find_method
from eca_viz.ui import cache, long_work, state
from eca_viz.ui.components import class_picker, progress, widgets

FIRST = "grad_cam"
PREDICTED = text("predicted class of each network")
SIDES = {"before": text("Before"), "after": text("After")}


def of_prediction(found: Comparison) -> None:
    """One method's maps before and after a change of the gates, for the class predicted before."""
    target = found.b.target
    if target is None:
        st.info(tr(no_classes_note(found.b)))
        return
    label = tr(found.b.label_of(target))
    st.markdown(tr("Saliency for **{label}**", label=widgets.plain(label)))
    columns, sides = st.columns(2), {"before": found.b, "after": found.a}
    drawn: dict[str, SaliencyMap] = {}
    for column, (side, explanation) in zip(columns, sides.items(), strict=True):
        with column:
            try:
                network = state.choice().network
                work = long_work.saliency(explanation, network, FIRST, target, {})
                drawn[side] = cache.result(work)
            except EcaVizError as error:
                st.info(widgets.plain(tr(error)))
    limits = saliency_limits(list(drawn.values()), shared=True)
    for column, (side, saliency), limit in zip(columns, drawn.items(), limits, strict=False):
        title = tr(saliency.title)
        with column:
            widgets.chart(
                figures.saliency_overlay(sides[side].seen, saliency, limit=limit),
                key=f"changed_saliency-{side}",
                caption=f"**{tr(SIDES[side])}**. {tr(describe(saliency))}",
                alt=tr("{map} before the change, for {label}", map=title, label=label)
                if side == "before"
                else tr("{map} after the change, for {label}", map=title, label=label),
            )


def draw(found: Comparison, network: state.NetworkChoice) -> dict[str, tuple[SaliencyMap, ...]]:
    """The maps of A and of B for the chosen method and class, and their difference.

    Returns the map of each side ("a", "b") where there is one.

    `network` is that of A; B's is the sidebar's.
    """
    st.header(tr("Saliency"))
    left, right = st.columns(2)
    names = [method.name for method in METHODS]
    with left:
        method = st.selectbox(
            tr("Method"),
            names,
            index=names.index(FIRST),
            format_func=lambda name: tr(find_method(name).title),
            key=state.COMPARE_METHOD,
            bind="query-params",
        )
    with right:
        targets = _targets(found)
    if targets is None:
        return {}
    names = [one.label_of(index) for one, index in zip((found.a, found.b), targets, strict=True)]
    if names[0] != names[1]:
        st.caption(
            tr(
                "A's map is for “{a}” and B's for “{b}”: the targets differ.",
                a=widgets.plain(tr(names[0])),
                b=widgets.plain(tr(names[1])),
            )
        )
    places = []
    for column, title in zip(st.columns(3), ("A", "B", "A − B"), strict=True):
        column.markdown(f"**{title}**")
        places.append(column.empty())
    sides = (("a", found.a, network), ("b", found.b, state.choice().network))
    drawn = {}
    for place, (name, explanation, opened), target in zip(places, sides, targets, strict=False):
        with place.container():
            one = _computed(explanation, opened, method, target, key=f"{name}-{method}")
        if one is not None:
            drawn[name] = one
    _draw(found, drawn, dict(zip(("a", "b", "difference"), places, strict=True)))
    return {name: (one,) for name, one in drawn.items()}


def _computed(
    explanation: Explanation,
    network: state.NetworkChoice,
    method: str,
    target: int,
    *,
    key: str,
) -> SaliencyMap | None:
    try:
        work = long_work.saliency(explanation, network, method, target, {})
        return progress.stoppable(work, key=key, height=figures.OVERLAY_SIDE)
    except EcaVizError as error:
        st.error(widgets.plain(tr(error)))
        return None


def _targets(found: Comparison) -> tuple[int, int] | None:
    """What to explain on each side, by index; None after saying why there is nothing."""
    labels = found.a.network.labels
    if not (found.a.predictions and found.b.predictions):
        a, b = found.a.target, found.b.target
        if a is None or b is None:
            st.info(tr(no_classes_note(found.a if a is None else found.b)))
            return None
        return a, b
    index = class_picker.pick(tr("Class to explain"), PREDICTED, labels, key=state.COMPARE_TARGET)
    if index is None:
        return found.a.predictions[0].index, found.b.predictions[0].index
    of_a = Prediction(index, labels[index], float(found.a.probabilities[index]))
    of_b = class_matching.counterpart(found, of_a)
    if of_b is None:
        st.info(
            tr(
                "B has no class of the name “{label}”; choose another.",
                label=widgets.plain(tr(labels[index])),
            )
        )
        return None
    return index, of_b.index


def _draw(
    found: Comparison, drawn: Mapping[str, SaliencyMap], places: Mapping[str, DeltaGenerator]
) -> None:
    """The maps that there are on one scale; A − B on one of its own."""
    limits = saliency_limits(list(drawn.values()), shared=True)
    seen = {"a": found.a.seen, "b": found.b.seen}
    for (side, saliency), limit in zip(drawn.items(), limits, strict=True):
        with places[side].container():
            widgets.chart(
                figures.saliency_overlay(seen[side], saliency, limit=limit),
                key=f"map-{side}",
                alt=tr(
                    "{map} of {side} for {label}",
                    map=tr(saliency.title),
                    side=side.upper(),
                    label=tr(saliency.target.label),
                ),
            )
    if len(drawn) == 2:
        with places["difference"].container():
            _draw_difference(found, drawn["a"], drawn["b"])
    st.caption(tr(figures.OVERLAY_DIFFERENCE))


def _draw_difference(found: Comparison, a: SaliencyMap, b: SaliencyMap) -> None:
    apart = comparison.difference_map(a, b)
    if apart is None:
        sizes = [f"{one.values.shape[1]} × {one.values.shape[0]}" for one in (a, b)]
        st.info(
            tr(
                "The networks' inputs have different sizes ({of_a} and {of_b} pixels), so A's map "
                "and B's have no pixels in common to subtract.",
                of_a=sizes[0],
                of_b=sizes[1],
            )
        )
        return
    limit = saliency_limits([apart], shared=False)[0]
    widgets.chart(
        figures.saliency_overlay(comparison.backdrop(found), apart, limit=limit),
        key="map-difference",
        caption=tr(apart.reading),
    )
