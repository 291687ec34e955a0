"""Compare: A as it was pinned, B as the sidebar chooses, and A − B."""

from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from eca_viz import figures
from eca_viz.analysis import class_matching, comparison
from eca_viz.analysis.familiarity import familiarity_note
from eca_viz.analysis.reading import no_classes_note
from eca_viz.errors import EcaVizError
from eca_viz.records import Comparison, SaliencyMap
from eca_viz.ui import cache, state
from eca_viz.ui.components import tabs, widgets
from eca_viz.ui.sections import gates_pair, saliency_pair
from eca_viz.ui.sidebar import pin

PREDICTION_COLUMNS: dict[str, Any] = {
    "class": "Class",
    "a": st.column_config.NumberColumn("A", format="percent"),
    "b": st.column_config.NumberColumn("B", format="percent"),
    "points": st.column_config.NumberColumn("A − B, percentage points", format="%+.2f"),
}


def render() -> None:
    """Draws the page."""
    b = widgets.current_explanation()
    chosen = state.pinned()
    if chosen is None:
        st.info(
            "Nothing is pinned yet. Pin the image and the network of the sidebar as A, then "
            "choose another image or another network there, which is B. The page What if pins "
            "changed gates. This page compares A with B, and shows A − B."
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
            "B is the same as A, so every difference is 0: choose another image or another "
            "network in the sidebar."
        )
    found = comparison.compare(a, b)
    st.header(widgets.plain(class_matching.verdict(found)))
    sides, predictions = st.columns([1, 3])
    with sides:
        _sides(found, chosen)
    with predictions:
        _predictions(found)
    maps = _parts(found, chosen.network)
    widgets.downloads_of_several(
        {side: replace(one, saliency=maps.get(side, ())) for side, one in (("a", a), ("b", b))},
        {
            "predictions": class_matching.prediction_table(found),
            "layers": comparison.layer_table(found),
            "differences": comparison.gates_table(found),
        },
    )


def _parts(found: Comparison, network: state.NetworkChoice) -> dict[str, tuple[SaliencyMap, ...]]:
    """The tabs. Returns the maps of A and of B, where their tab is open."""
    maps: dict[str, tuple[SaliencyMap, ...]] = {}
    tabs.draw(
        {
            "All layers, A − B": partial(gates_pair.difference, found),
            "All layers of A and B": partial(gates_pair.overviews, found),
            "One layer": partial(gates_pair.layer, found),
            "Saliency": lambda: maps.update(saliency_pair.draw(found, network)),
            "Tables": partial(_tables, found),
        },
        key=state.COMPARE_TAB,
    )
    return maps


def _sides(found: Comparison, chosen: state.Choice) -> None:
    for side, choice, seen in (("A", chosen, found.a), ("B", state.choice(), found.b)):
        st.image(seen.seen, width=150, alt=f"{side}: {seen.image.name}")
        note = familiarity_note(seen)
        st.caption(f"**{side}**: {pin.title(choice)}. {choice.credit}. {note}".rstrip(". "))


def _predictions(found: Comparison) -> None:
    if not (found.a.predictions and found.b.predictions):
        one = found.b if found.a.predictions else found.a
        st.info(no_classes_note(one))
        return
    table = class_matching.prediction_table(found)
    both = figures.comparison_predictions(table)
    if missing := class_matching.nothing_in_common(found, table):
        widgets.chart(both, key="comparison_predictions")
        st.info(missing)
    else:
        apart = figures.difference_predictions(table)
        widgets.charts({"comparison_predictions": both, "difference_predictions": apart})
    if notes := comparison.notes(found):
        st.caption(widgets.plain(" ".join(notes)))


def _tables(found: Comparison) -> None:
    table = class_matching.prediction_table(found)
    if len(table):
        st.header("Predictions as a table")
        st.dataframe(table, hide_index=True, column_config=PREDICTION_COLUMNS, alt="Predictions")
    if found.pairs:
        gates_pair.table(found)


render()
