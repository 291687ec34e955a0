"""The gates of both sides of a comparison: all layers, then one."""

from typing import Any

import streamlit as st

from eca_viz import figures
from eca_viz.analysis import comparison
from eca_viz.analysis.attention import gate_range, mean_gate
from eca_viz.locale.texts import text, tr
from eca_viz.records import Comparison
from eca_viz.ui.components import frames, layer_picker, widgets
from eca_viz.ui.fragments import fragment

OVERVIEWS = text(
    "Look for rows that are light in one and dark in the other: both have one scale. Channels at "
    "the same place need not correspond where the networks were trained separately."
)


def _columns() -> dict[str, Any]:
    number = st.column_config.NumberColumn
    return {
        "layer_a": tr("Layer of A"),
        "layer_b": tr("Layer of B"),
        "matched_by": tr("Matched by"),
        "channels_a": tr("C of A"),
        "channels_b": tr("C of B"),
        "mean_a": number(tr("Mean ω of A"), format="%.4f"),
        "mean_b": number(tr("Mean ω of B"), format="%.4f"),
        "mean_difference": number("A − B", format="%+.4f"),
        "distance": number(tr("Mean magnitude of A − B"), format="%.4f"),
    }


def difference(found: Comparison) -> None:
    """Every layer's gates of A less those of B."""
    st.header(tr("All attention layers, A − B"))
    if _paired(found):
        widgets.chart(figures.comparison_overview(found), key="comparison_overview")


def overviews(found: Comparison) -> None:
    """Every layer's gates in A and in B, on one scale."""
    st.header(tr("All attention layers of A and of B"))
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
                alt=tr("The gates of every attention layer of {side}", side=side),
            )
    st.caption(tr(OVERVIEWS))


def table(found: Comparison) -> None:
    """Every pair of layers in numbers."""
    st.header(tr("Layers as a table"))
    frames.draw(
        comparison.layer_table(found), _columns(), alt=tr("Mean gates of each pair of layers")
    )


def _paired(found: Comparison) -> bool:
    """Whether there are gates to compare; says so where there are none."""
    if not found.pairs:
        st.info(tr("At least one of the networks has no attention layers, so no gates to compare."))
    return bool(found.pairs)


@fragment
def layer(found: Comparison) -> None:
    """The gates of the picked layer; reruns alone when another is picked."""
    st.header(tr("One layer"))
    if not _paired(found):
        return
    record = layer_picker.layer(found.b)
    pair = found.partner(record.layer)
    if pair is None:
        st.info(tr("{layer} is only in B; choose another layer.", layer=record.layer))
        return
    sides = (
        tr(
            "**{side}**: {layer}, {size}, mean ω {mean:.3f}.",
            side=side,
            layer=one.layer,
            size=widgets.size(one),
            mean=mean_gate(one.weights[0]),
        )
        for side, one in (("A", pair.a), ("B", pair.b))
    )
    st.markdown(" ".join(sides))
    widgets.charts(
        {
            "comparison_layer": figures.comparison_layer(pair),
            "difference_layer": figures.difference_layer(pair, comparison.limit(found)),
        }
    )
    widgets.table(comparison.curve_table(pair), tr("The layer as a table"))
    layer_picker.link_to_channel()
