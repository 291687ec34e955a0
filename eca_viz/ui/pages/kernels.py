"""Kernels: k and the taps of every layer, as loaded, beside Eq. 12; the cost of attention."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from eca_viz import figures
from eca_viz.analysis.costs import cost_note, cost_table, layer_cost_table
from eca_viz.analysis.kernels import agreements, kernel_table, tap_table
from eca_viz.errors import EcaVizError
from eca_viz.records import LayerAttention
from eca_viz.ui import cache, state
from eca_viz.ui.components import tabs, widgets
from eca_viz.ui.sections import kernel_choice

EQ_12 = r"k = |(\log_2 C + b)/\gamma|_{\mathrm{odd}}"
# More would push the tabs off the first screen.
MOST_LINES = 6
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


def render() -> None:
    """Draws the page."""
    explanation = widgets.with_attention(widgets.current_explanation())
    attention = explanation.attention
    if any(record.kernel_size is not None for record in attention):
        st.markdown(
            "An ECA layer computes each gate from the **k** nearest channels, its receptive "
            f"window across channels. The paper's Eq. 12 derives k from C: ${EQ_12}$, with γ = 2 "
            "and b = 1."
        )
        widgets.chart(figures.kernel_sizes(attention), key="kernel_sizes")
    else:
        st.markdown(
            "This network's attention has no kernel across channels: each gate depends on all "
            "channels, through fully connected layers."
        )
        st.latex(widgets.formula(attention[0]))
    lines = _lines(attention)
    st.markdown("\n".join(lines[:MOST_LINES]))
    if len(lines) > MOST_LINES:
        st.caption(f"{len(lines) - MOST_LINES} more such lines stand in the tab Table.")
    _parts(attention)
    widgets.downloads(explanation, {"kernels": _table(attention)})


@st.fragment
def _parts(attention: Sequence[LayerAttention]) -> None:
    """The tabs; another tab reruns them alone."""
    parts: dict[str, Callable[[], None]] = {
        "Taps": partial(_taps, attention),
        "Adaptive rule": partial(_rule, attention),
        "Costs": _costs,
        "Table": partial(_tables, attention),
    }
    if all(record.taps is None for record in attention):
        del parts["Taps"]
    tabs.draw(parts, key=state.KERNELS_TAB)


def _lines(attention: Sequence[LayerAttention]) -> list[str]:
    return [f"- **{layers}**: {words}" for layers, words in agreements(attention)]


def _table(attention: Sequence[LayerAttention]) -> pd.DataFrame:
    """Without the columns that are empty for this network."""
    table = kernel_table(attention).dropna(axis="columns", how="all")
    return table if any(table["taps"]) else table.drop(columns="taps")


def _tables(attention: Sequence[LayerAttention]) -> None:
    st.header("Layer by layer")
    table = _table(attention).drop(columns="taps", errors="ignore")
    st.dataframe(table, hide_index=True, column_config=COLUMNS, alt="Kernel size of each layer")
    if len(lines := _lines(attention)) > MOST_LINES:
        st.markdown("\n".join(lines))
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


def _rule(attention: Sequence[LayerAttention]) -> None:
    kernel_choice.adaptive(attention)
    kernel_choice.sweep()


def _taps(attention: Sequence[LayerAttention]) -> None:
    st.header("Taps and their frequency response")
    left, right = st.columns(2)
    with left:
        widgets.chart(figures.taps(attention), key="taps")
    with right:
        widgets.chart(figures.frequency_responses(attention), key="frequency_responses")


def _costs() -> None:
    st.header("Cost of the attention")
    try:
        with st.spinner("Counting parameters and multiply-adds …"):
            costs = cache.costs(state.choice().network)
    except EcaVizError as error:
        st.error(widgets.plain(str(error)))
        return
    st.dataframe(cost_table(costs), hide_index=True, column_config=COST_COLUMNS)
    st.caption(cost_note(costs))
    with st.expander("Layer by layer"):
        st.dataframe(layer_cost_table(costs), hide_index=True, column_config=COST_COLUMNS)


render()
