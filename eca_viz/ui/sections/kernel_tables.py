"""The tables of Kernels: kernel sizes and taps of each layer, and the costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from eca_viz.analysis.costs import cost_note, cost_table, layer_cost_table
from eca_viz.analysis.kernels import kernel_table, tap_table
from eca_viz.errors import EcaVizError
from eca_viz.records import LayerAttention
from eca_viz.ui import cache, state
from eca_viz.ui.components import widgets

if TYPE_CHECKING:
    import pandas as pd

COLUMNS: dict[str, Any] = {
    "layer": "Layer",
    "stage": "Stage",
    "mechanism": "Mechanism",
    "channels": "C",
    "width": "Block's width",
    "kernel_size": "k as loaded",
    "reduction": "Reduction ratio r",
    "by_channels": "Eq. 12 on C",
    "by_width": "Eq. 12 on width",
    "agreement": None,  # below the table there is room for sentences
}
COST_COLUMNS: dict[str, Any] = {
    "what": "",
    "parameters": st.column_config.NumberColumn("Parameters", format="localized"),
    "parameters_mebi": st.column_config.NumberColumn("in M (2²⁰)", format="%.3f"),
    "multiply_adds": st.column_config.NumberColumn("Multiply-adds", format="localized"),
    "multiply_adds_gibi": st.column_config.NumberColumn("in G (2³⁰)", format="%.4f"),
}


def kernels(attention: Sequence[LayerAttention]) -> pd.DataFrame:
    """Each layer's kernel beside Eq. 12, without the columns that are empty for this network."""
    table = kernel_table(attention).dropna(axis="columns", how="all")
    return table if any(table["taps"]) else table.drop(columns="taps")


def layers(attention: Sequence[LayerAttention], words: Sequence[str]) -> None:
    """Kernel sizes, and all taps; `words` are lines of Markdown between the two."""
    st.header("Layer by layer")
    table = kernels(attention).drop(columns="taps", errors="ignore")
    st.dataframe(table, hide_index=True, column_config=COLUMNS, alt="Kernel size of each layer")
    if words:
        st.markdown("\n".join(words))
    taps = tap_table(attention)
    if len(taps):
        st.header("Taps of each layer")
        st.dataframe(
            taps, hide_index=True, column_config=_tap_columns(taps), placeholder="", alt="Taps"
        )
        st.caption("Column 0 is the tap of the gate's own channel, +1 that of the next one.")


def _tap_columns(taps: pd.DataFrame) -> dict[str, Any]:
    """Each tap with its sign."""
    places = taps.columns.drop("layer")
    number = st.column_config.NumberColumn(format="%+.4f")
    return {"layer": "Layer", **dict.fromkeys(places, number)}


def costs() -> None:
    """Parameters and multiply-adds of the attention."""
    st.header("Cost of the attention")
    try:
        with st.spinner("Counting parameters and multiply-adds …"):
            counted = cache.costs(state.choice().network)
    except EcaVizError as error:
        st.error(widgets.plain(str(error)))
        return
    st.dataframe(cost_table(counted), hide_index=True, column_config=COST_COLUMNS)
    st.caption(cost_note(counted))
    with st.expander("Layer by layer"):
        st.dataframe(layer_cost_table(counted), hide_index=True, column_config=COST_COLUMNS)
