"""The tables of Kernels: kernel sizes and taps of each layer, and the costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from eca_viz.analysis.costs import cost_note, cost_table, layer_cost_table
from eca_viz.analysis.kernels import kernel_table, tap_table
from eca_viz.errors import EcaVizError
from eca_viz.locale.texts import tr
from eca_viz.records import LayerAttention
from eca_viz.ui import cache, state
from eca_viz.ui.components import frames, widgets

if TYPE_CHECKING:
    import pandas as pd


def _columns() -> dict[str, Any]:
    return {
        "layer": tr("Layer"),
        "stage": tr("Stage"),
        "mechanism": tr("Mechanism"),
        "channels": "C",
        "width": tr("Block's width"),
        "kernel_size": tr("k as loaded"),
        "reduction": tr("Reduction ratio r"),
        "by_channels": tr("Eq. 12 on C"),
        "by_width": tr("Eq. 12 on width"),
        "agreement": None,  # below the table there is room for sentences
    }


def _cost_columns() -> dict[str, Any]:
    number = st.column_config.NumberColumn
    return {
        "what": "",
        "parameters": number(tr("Parameters"), format="localized"),
        "parameters_mebi": number(tr("in M (2²⁰)"), format="%.3f"),
        "multiply_adds": number(tr("Multiply-adds"), format="localized"),
        "multiply_adds_gibi": number(tr("in G (2³⁰)"), format="%.4f"),
    }


def kernels(attention: Sequence[LayerAttention]) -> pd.DataFrame:
    """Each layer's kernel beside Eq. 12, without the columns that are empty for this network."""
    table = kernel_table(attention).dropna(axis="columns", how="all")
    return table if any(table["taps"]) else table.drop(columns="taps")


def layers(attention: Sequence[LayerAttention], words: Sequence[str]) -> None:
    """Kernel sizes, and all taps; `words` are lines of Markdown between the two."""
    st.header(tr("Layer by layer"))
    table = kernels(attention).drop(columns="taps", errors="ignore")
    frames.draw(table, _columns(), alt=tr("Kernel size of each layer"))
    if words:
        st.markdown("\n".join(words))
    taps = tap_table(attention)
    if len(taps):
        st.header(tr("Taps of each layer"))
        frames.draw(taps, _tap_columns(taps), placeholder="", alt=tr("Taps"))
        st.caption(tr("Column 0 is the tap of the gate's own channel, +1 that of the next one."))


def _tap_columns(taps: pd.DataFrame) -> dict[str, Any]:
    """Each tap with its sign."""
    places = taps.columns.drop("layer")
    number = st.column_config.NumberColumn(format="%+.4f")
    return {"layer": tr("Layer"), **dict.fromkeys(places, number)}


def costs() -> None:
    """Parameters and multiply-adds of the attention."""
    st.header(tr("Cost of the attention"))
    try:
        with st.spinner(tr("Counting parameters and multiply-adds …")):
            counted = cache.costs(state.choice().network)
    except EcaVizError as error:
        st.error(widgets.plain(tr(error)))
        return
    frames.draw(cost_table(counted), _cost_columns())
    st.caption(tr(cost_note(counted)))
    widgets.table(layer_cost_table(counted), tr("Layer by layer"), _cost_columns())
