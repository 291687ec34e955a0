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
from eca_viz.locale.texts import text, tr
from eca_viz.records import Comparison, SaliencyMap
from eca_viz.ui import cache, state
from eca_viz.ui.components import frames, tabs, widgets
from eca_viz.ui.sections import gates_pair, saliency_pair
from eca_viz.ui.sidebar import pin


def render() -> None:
    """Draws the page."""
    b = widgets.current_explanation()
    chosen = state.pinned()
    if chosen is None:
        st.info(
            tr(
                "Nothing is pinned yet. Pin the image and the network of the sidebar as A, then "
                "choose another image or another network there, which is B. The page What if pins "
                "changed gates. This page compares A with B, and shows A − B."
            )
        )
        pin.button(state.choice(), key="pin_here")
        return
    try:
        a = cache.explanation(chosen.image, chosen.network, chosen.gates)
    except EcaVizError as error:
        st.error(widgets.plain(tr("A cannot be shown: {reason}", reason=tr(error))))
        return
    if chosen.result == state.choice().result:
        st.info(
            tr(
                "B is the same as A, so every difference is 0: choose another image or another "
                "network in the sidebar."
            )
        )
    found = comparison.compare(a, b)
    st.header(widgets.plain(tr(class_matching.verdict(found))))
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
            text("All layers, A − B"): partial(gates_pair.difference, found),
            text("All layers of A and B"): partial(gates_pair.overviews, found),
            text("One layer"): partial(gates_pair.layer, found),
            text("Saliency"): lambda: maps.update(saliency_pair.draw(found, network)),
            text("Tables"): partial(_tables, found),
        },
        key=state.COMPARE_TAB,
    )
    return maps


def _sides(found: Comparison, chosen: state.Choice) -> None:
    for side, choice, seen in (("A", chosen, found.a), ("B", state.choice(), found.b)):
        st.image(seen.seen, width=150, alt=f"{side}: {seen.image.name}")
        note = tr(familiarity_note(seen))
        said = f"**{side}**: {pin.title(choice)}. {tr(choice.credit)}. {note}"
        st.caption(said.rstrip(". "))


def _predictions(found: Comparison) -> None:
    if not (found.a.predictions and found.b.predictions):
        one = found.b if found.a.predictions else found.a
        st.info(tr(no_classes_note(one)))
        return
    table = class_matching.prediction_table(found)
    both = figures.comparison_predictions(table)
    if missing := class_matching.nothing_in_common(found, table):
        widgets.chart(both, key="comparison_predictions")
        st.info(tr(missing))
    else:
        apart = figures.difference_predictions(table)
        widgets.charts({"comparison_predictions": both, "difference_predictions": apart})
    if notes := comparison.notes(found):
        st.caption(widgets.plain(" ".join(map(tr, notes))))


def _tables(found: Comparison) -> None:
    table = class_matching.prediction_table(found)
    if len(table):
        st.header(tr("Predictions as a table"))
        number = st.column_config.NumberColumn
        columns: dict[str, Any] = {
            "class": tr("Class"),
            "a": number("A", format="percent"),
            "b": number("B", format="percent"),
            "points": number(tr("A − B, percentage points"), format="%+.2f"),
        }
        frames.draw(table, columns, alt=tr("Predictions"))
    if found.pairs:
        gates_pair.table(found)


render()
