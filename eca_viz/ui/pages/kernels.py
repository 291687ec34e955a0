"""Kernels: k and the taps of every layer, as loaded, beside Eq. 12; the cost of attention."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from eca_viz import figures
from eca_viz.analysis.costs import cost_note, cost_table, layer_cost_table
from eca_viz.analysis.kernels import agreements, kernel_table
from eca_viz.errors import EcaVizError
from eca_viz.records import LayerAttention
from eca_viz.ui import cache, state
from eca_viz.ui.components import widgets
from eca_viz.ui.sections import kernel_choice

EQ_12 = r"k = \left|\frac{\log_2 C}{\gamma} + \frac{b}{\gamma}\right|_{\mathrm{odd}}"
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
    "taps": "Taps",
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
    has_kernels = any(record.kernel_size is not None for record in attention)
    if has_kernels:
        st.markdown(
            "An ECA layer computes each gate from the **k** nearest channels, its receptive "
            "window across channels. The paper derives k from the number of channels C (Eq. 12), "
            "with γ = 2 and b = 1:"
        )
        st.latex(EQ_12)
        widgets.chart(figures.kernel_sizes(attention), key="kernel_sizes")
    else:
        st.markdown(
            "This network's attention has no kernel across channels: each gate depends on all "
            "channels, through fully connected layers."
        )
        st.latex(widgets.formula(attention[0]))
    table = kernel_table(attention).dropna(axis="columns", how="all")
    if not has_kernels:
        table = table.drop(columns="taps")
    st.dataframe(table, hide_index=True, column_config=COLUMNS)
    lines = [f"- **{layers}**: {words}" for layers, words in agreements(attention)]
    st.markdown("\n".join(lines))
    if has_kernels:
        _taps(attention)
    kernel_choice.adaptive(attention)
    kernel_choice.sweep()
    _costs()
    widgets.downloads(explanation, {"kernels": table})


def _taps(attention: Sequence[LayerAttention]) -> None:
    left, right = st.columns(2)
    with left:
        widgets.chart(figures.taps(attention), key="taps")
    with right:
        widgets.chart(figures.frequency_responses(attention), key="frequency_responses")


def _costs() -> None:
    st.subheader("Cost of the attention")
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
