"""The gates of both sides of a comparison: all layers, then one."""

from typing import Any

import streamlit as st

from eca_viz import figures
from eca_viz.analysis import comparison
from eca_viz.analysis.attention import gate_range, mean_gate
from eca_viz.records import Comparison
from eca_viz.ui.components import layer_picker, widgets
from eca_viz.ui.fragments import fragment

OVERVIEWS = (
    "Look for rows that are light in one and dark in the other: both have one scale. Channels at "
    "the same place need not correspond where the networks were trained separately."
)
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


def difference(found: Comparison) -> None:
    """Every layer's gates of A less those of B."""
    st.header("All attention layers, A − B")
    if _paired(found):
        widgets.chart(figures.comparison_overview(found), key="comparison_overview")


def overviews(found: Comparison) -> None:
    """Every layer's gates in A and in B, on one scale."""
    st.header("All attention layers of A and of B")
    if not _paired(found):
        return
    span = gate_range([*found.a.attention, *found.b.attention])
    sides = (("A", found.a), ("B", found.b))
    for column, (side, explanation) in zip(st.columns(2), sides, strict=True):
        with column:
            st.markdown(f"**{side}**")
            widgets.chart(
                figures.overview(explanation.attention, span=span),
                key=f"overview-{side.lower()}",
                caption="",
                alt=f"The gates of every attention layer of {side}",
            )
    st.caption(OVERVIEWS)


def table(found: Comparison) -> None:
    """Every pair of layers in numbers."""
    st.header("Layers as a table")
    st.dataframe(
        comparison.layer_table(found),
        hide_index=True,
        column_config=LAYER_COLUMNS,
        alt="Mean gates of each pair of layers",
    )


def _paired(found: Comparison) -> bool:
    """Whether there are gates to compare; says so where there are none."""
    if not found.pairs:
        st.info("At least one of the networks has no attention layers, so no gates to compare.")
    return bool(found.pairs)


@fragment
def layer(found: Comparison) -> None:
    """The gates of the picked layer; reruns alone when another is picked."""
    st.header("One layer")
    if not _paired(found):
        return
    record = layer_picker.layer(found.b)
    pair = found.partner(record.layer)
    if pair is None:
        st.info(f"{record.layer} is only in B; choose another layer.")
        return
    sides = (
        f"**{side}**: {one.layer}, {widgets.size(one)}, mean ω {mean_gate(one.weights[0]):.3f}."
        for side, one in (("A", pair.a), ("B", pair.b))
    )
    st.markdown(" ".join(sides))
    widgets.charts(
        {
            "comparison_layer": figures.comparison_layer(pair),
            "difference_layer": figures.difference_layer(pair, comparison.limit(found)),
        }
    )
    widgets.table(comparison.curve_table(pair), "The layer as a table")
