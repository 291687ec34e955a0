"""Compare: what is pinned as A, what the sidebar chooses as B, and A − B."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from eca_viz import figures
from eca_viz.analysis import class_matching, comparison
from eca_viz.analysis.attention import weight_range
from eca_viz.analysis.saliency import describe, saliency_limits
from eca_viz.errors import EcaVizError
from eca_viz.figures import captions
from eca_viz.records import Contrast, Explanation, Prediction, SaliencyMap
from eca_viz.saliency.registry import METHODS, find_method
from eca_viz.ui import cache, state
from eca_viz.ui.components import layer_picker as picked
from eca_viz.ui.components import progress, widgets
from eca_viz.ui.sidebar import pin

FIRST = "grad_cam"
OWN = "each network's own best class"
PREDICTION_COLUMNS: dict[str, Any] = {
    "class": "Class",
    "a": st.column_config.NumberColumn("A", format="percent"),
    "b": st.column_config.NumberColumn("B", format="percent"),
    "points": st.column_config.NumberColumn("A − B, percentage points", format="%+.2f"),
}
LAYER_COLUMNS: dict[str, Any] = {
    "layer_a": "Layer of A",
    "layer_b": "Layer of B",
    "matched_by": "Matched by",
    "channels_a": "C of A",
    "channels_b": "C of B",
    "mean_a": st.column_config.NumberColumn("Mean ω of A", format="%.4f"),
    "mean_b": st.column_config.NumberColumn("Mean ω of B", format="%.4f"),
    "mean_difference": st.column_config.NumberColumn("A − B", format="%+.4f"),
    "distance": st.column_config.NumberColumn("Mean magnitude of A − B", format="%.4f"),
}


def render() -> None:
    """Draws the page."""
    st.markdown(
        "Two photographs, two networks, or two states of the gates: **A** stays as it was pinned, "
        "**B** is what the sidebar shows now, and **A − B** is what sets them apart."
    )
    b = widgets.current_explanation()
    chosen = state.pinned()
    if chosen is None:
        st.info(
            "Nothing is pinned yet. Pin the photograph and the network of the sidebar as A, then "
            "choose another photograph or another network there. The page What if pins changed "
            "gates."
        )
        pin.button(state.choice(), key="pin_here")
        return
    try:
        a = cache.explanation(chosen.image, chosen.network, chosen.gates)
    except EcaVizError as error:
        st.error(widgets.plain(f"A cannot be shown: {error}"))
        return
    if chosen.result == state.choice().result:
        st.info(
            "B is the same as A, so every difference is 0: choose another photograph or another "
            "network in the sidebar."
        )
    found = comparison.compare(a, b)
    _sides(found, chosen)
    _predictions(found)
    if found.pairs:
        _overview(found)
        _layer(found)
    else:
        st.info("At least one of the networks has no attention layers, so no gates to compare.")
    maps_of = _saliency(found, chosen.network)
    sides = zip("ab", (a, b), maps_of, strict=True)
    widgets.downloads_of_several(
        {side: dataclasses.replace(one, saliency=shown) for side, one, shown in sides},
        {
            "predictions": class_matching.prediction_table(found),
            "layers": comparison.layer_table(found),
            "differences": comparison.weights_table(found),
        },
    )


def _sides(found: Contrast, chosen: state.Choice) -> None:
    choices = (("A", chosen, found.a), ("B", state.choice(), found.b))
    for column, (side, choice, explanation) in zip(st.columns(2), choices, strict=True):
        with column:
            st.subheader(f"{side}: {pin.title(choice)}")
            st.image(explanation.seen, width=220, alt=explanation.image.name)
            st.caption(choice.credit)
    for note in comparison.notes(found):
        st.caption(widgets.plain(note))


def _predictions(found: Contrast) -> None:
    st.subheader("Predictions")
    table = class_matching.prediction_table(found)
    both, apart = st.columns(2)
    with both:
        widgets.chart(
            figures.contrast_predictions(table),
            key="contrast_predictions",
            alt="Probability of the best classes in A and in B",
        )
    with apart:
        widgets.chart(
            figures.difference_predictions(table),
            key="difference_predictions",
            alt="Difference of the probabilities in percentage points",
        )
    st.caption(captions.CONTRAST_PREDICTIONS)
    widgets.table(table, "The predictions as a table", PREDICTION_COLUMNS)


def _overview(found: Contrast) -> None:
    st.subheader("All attention layers")
    span = weight_range([*found.a.attention, *found.b.attention])
    sides = (("A", found.a), ("B", found.b))
    for column, (side, explanation) in zip(st.columns(2), sides, strict=True):
        with column:
            st.markdown(f"**{side}**")
            widgets.chart(
                figures.overview(explanation.attention, span=span),
                key=f"overview-{side.lower()}",
                alt=f"The weights of every attention layer of {side}",
            )
    st.markdown("**A − B**")
    widgets.chart(
        figures.contrast_overview(found),
        captions.CONTRAST_OVERVIEW,
        key="contrast_overview",
        alt="The weights of every layer of A less those of B",
    )
    widgets.table(comparison.layer_table(found), "The layers as a table", LAYER_COLUMNS)


@st.fragment
def _layer(found: Contrast) -> None:
    """Reruns alone when another layer is picked."""
    st.subheader("One layer")
    record = picked.layer(found.b)
    pair = found.partner(record.layer)
    if pair is None:
        st.info(f"{record.layer} is only in B; choose another layer.")
        return
    st.markdown(
        f"**A**: {pair.a.layer}, {widgets.size(pair.a)}, mean ω {pair.a.weights[0].mean():.3f}. "
        f"**B**: {pair.b.layer}, {widgets.size(pair.b)}, mean ω {pair.b.weights[0].mean():.3f}."
    )
    both, apart = st.columns(2)
    with both:
        widgets.chart(
            figures.contrast_layer(pair),
            key="contrast_layer",
            alt=f"Weights of {pair.title} in A and in B",
        )
    with apart:
        widgets.chart(
            figures.difference_layer(pair, comparison.limit(found)),
            key="difference_layer",
            alt=f"Weights of {pair.title} in A less those in B",
        )
    st.caption(captions.CONTRAST_LAYER if pair.channelwise else captions.CONTRAST_SORTED)
    widgets.table(comparison.curve_table(pair), "The layer as a table")


def _saliency(found: Contrast, network: state.NetworkChoice) -> list[tuple[SaliencyMap, ...]]:
    """Draws the maps; returns those of A and those of B, one each where there are any."""
    st.subheader("Saliency")
    left, right = st.columns(2)
    names = [method.name for method in METHODS]
    with left:
        method = st.selectbox(
            "Method",
            names,
            index=names.index(FIRST),
            format_func=lambda name: find_method(name).title,
            key=state.COMPARE_METHOD,
            bind="query-params",
        )
    with right:
        targets = _targets(found)
    if targets is None:
        return [(), ()]
    if targets[0].label != targets[1].label:
        st.caption(
            f"A's map is for “{widgets.plain(targets[0].label)}” and B's for "
            f"“{widgets.plain(targets[1].label)}”: they answer different questions."
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
    return [(drawn[name],) if name in drawn else () for name in ("a", "b")]


def _computed(
    explanation: Explanation,
    network: state.NetworkChoice,
    method: str,
    target: Prediction,
    *,
    key: str,
) -> SaliencyMap | None:
    """The map of one side; None after saying why there is none."""
    try:
        return progress.compute(explanation, network, method, target.index, {}, key=key)
    except EcaVizError as error:
        st.error(widgets.plain(str(error)))
        return None


def _targets(found: Contrast) -> tuple[Prediction, Prediction] | None:
    """The class to explain on each side; None after saying why there is none."""
    labels = found.a.network.labels
    picked_class = st.selectbox(
        "Class to explain", [OWN, *labels], key=state.COMPARE_TARGET, bind="query-params"
    )
    if picked_class == OWN:
        return found.a.predictions[0], found.b.predictions[0]
    index = labels.index(picked_class)
    ours = Prediction(index, picked_class, float(found.a.probabilities[index]))
    theirs = class_matching.counterpart(found, ours)
    if theirs is None:
        st.info(f"B knows no class of the name “{widgets.plain(picked_class)}”; choose another.")
        return None
    return ours, theirs


def _draw(
    found: Contrast, drawn: Mapping[str, SaliencyMap], places: Mapping[str, DeltaGenerator]
) -> None:
    """The maps that there are on one scale; A − B on one of its own."""
    limits = saliency_limits(list(drawn.values()), shared=True)
    seen = {"a": found.a.seen, "b": found.b.seen}
    for (side, saliency), limit in zip(drawn.items(), limits, strict=True):
        with places[side].container():
            widgets.chart(
                figures.saliency_overlay(seen[side], saliency, limit=limit),
                describe(saliency),
                key=f"map-{side}",
                alt=f"{saliency.title} of {side.upper()} for {saliency.target.label}",
            )
    if len(drawn) == 2:
        with places["difference"].container():
            _draw_difference(found, drawn["a"], drawn["b"])
    st.caption(captions.CONTRAST_SALIENCY)


def _draw_difference(found: Contrast, a: SaliencyMap, b: SaliencyMap) -> None:
    apart = comparison.difference_map(a, b)
    if apart is None:
        sizes = " and ".join(f"{one.values.shape[1]} × {one.values.shape[0]}" for one in (a, b))
        st.info(
            f"The networks see photographs of different sizes ({sizes} pixels), so no pixel "
            "of A's map has one in B's to be set against."
        )
        return
    limit = saliency_limits([apart], shared=False)[0]
    widgets.chart(
        figures.saliency_overlay(comparison.backdrop(found), apart, limit=limit),
        apart.reading,
        key="map-difference",
        alt=apart.title,
    )


render()
