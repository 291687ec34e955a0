"""Compare: A as it was pinned, B as the sidebar chooses, and A − B."""

import dataclasses
from typing import Any

import streamlit as st

from eca_viz import figures
from eca_viz.analysis import class_matching, comparison
from eca_viz.errors import EcaVizError
from eca_viz.records import Comparison
from eca_viz.ui import cache, state
from eca_viz.ui.components import widgets
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
    st.markdown(
        "A comparison of two images, two networks, or two states of the gates: **A** stays as it "
        "was pinned, **B** is what the sidebar shows now, **A − B** is their difference."
    )
    b = widgets.current_explanation()
    chosen = state.pinned()
    if chosen is None:
        st.info(
            "Nothing is pinned yet. Pin the image and the network of the sidebar as A, then "
            "choose another image or another network there. The page What if pins changed gates."
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
    _sides(found, chosen)
    _predictions(found)
    if found.pairs:
        gates_pair.overview(found)
        gates_pair.layer(found)
    else:
        st.info("At least one of the networks has no attention layers, so no gates to compare.")
    maps_of = saliency_pair.draw(found, chosen.network)
    sides = zip("ab", (a, b), maps_of, strict=True)
    widgets.downloads_of_several(
        {side: dataclasses.replace(one, saliency=shown) for side, one, shown in sides},
        {
            "predictions": class_matching.prediction_table(found),
            "layers": comparison.layer_table(found),
            "differences": comparison.gates_table(found),
        },
    )


def _sides(found: Comparison, chosen: state.Choice) -> None:
    choices = (("A", chosen, found.a), ("B", state.choice(), found.b))
    for column, (side, choice, explanation) in zip(st.columns(2), choices, strict=True):
        with column:
            st.subheader(f"{side}: {pin.title(choice)}")
            st.image(explanation.seen, width=220, alt=explanation.image.name)
            st.caption(choice.credit)
    for note in comparison.notes(found):
        st.caption(widgets.plain(note))


def _predictions(found: Comparison) -> None:
    st.subheader("Predictions")
    table = class_matching.prediction_table(found)
    widgets.charts(
        {
            "comparison_predictions": figures.comparison_predictions(table),
            "difference_predictions": figures.difference_predictions(table),
        }
    )
    widgets.table(table, "The predictions as a table", PREDICTION_COLUMNS)


render()
