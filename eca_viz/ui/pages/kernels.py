"""Kernels: k and the taps of every layer, as loaded, beside Eq. 12; what attention costs."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from eca_viz import figures
from eca_viz.analysis.ablation import kernel_finding, read_rows
from eca_viz.analysis.costs import cost_table, layer_cost_table
from eca_viz.analysis.kernels import agreements, kernel_table
from eca_viz.attention.variants import SWEPT
from eca_viz.errors import EcaVizError
from eca_viz.figures import captions
from eca_viz.kernel_size import adaptive_kernel_size
from eca_viz.paths import ABLATION, ASSETS
from eca_viz.records import LayerAttention
from eca_viz.ui import cache, state
from eca_viz.ui.components import widgets

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
            "An ECA layer lets each channel hear its **k** nearest neighbours. The paper proposes "
            "k by the number of channels C (Eq. 12), with γ = 2 and b = 1:"
        )
        st.latex(EQ_12)
        widgets.chart(
            figures.kernel_sizes(attention),
            captions.KERNEL_SIZES,
            key="kernel_sizes",
            alt="Kernel size of each layer as loaded and by Eq. 12",
        )
    else:
        st.markdown(
            "This network's attention has no kernel across channels: each weight comes from all "
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
    _adaptive(attention)
    _sweep()
    _costs()
    widgets.downloads(explanation, {"kernels": table})


def _taps(attention: Sequence[LayerAttention]) -> None:
    left, right = st.columns(2)
    with left:
        widgets.chart(
            figures.taps(attention),
            captions.TAPS,
            key="taps",
            alt="The taps of every layer on one colour scale",
        )
    with right:
        widgets.chart(
            figures.frequency_responses(attention),
            captions.FREQUENCIES,
            key="frequency_responses",
            alt="Frequency response of every layer's kernel",
        )


@st.fragment
def _adaptive(attention: Sequence[LayerAttention]) -> None:
    """Reruns alone when γ or b is moved."""
    st.subheader("The adaptive kernel")
    left, right = st.columns(2)
    with left:
        gamma = st.slider("γ", 0.5, 4.0, 2.0, 0.5, key=state.GAMMA, bind="query-params")
    with right:
        b = st.slider("b", -2.0, 6.0, 1.0, 0.5, key=state.OFFSET, bind="query-params")
    widgets.chart(
        figures.adaptive_kernel(attention, gamma=gamma, b=b),
        captions.ADAPTIVE,
        key="adaptive_kernel",
        alt="Kernel size over the number of channels, with the layers of the network",
    )
    given = sum(adaptive_kernel_size(record.channels, gamma, b) for record in attention)
    loaded = [record.kernel_size for record in attention if record.kernel_size is not None]
    has = f" As loaded, its ECA layers have **{sum(loaded):,}**." if loaded else ""
    st.markdown(
        f"An ECA layer has as many parameters as its k. With γ = {gamma:g} and b = {b:g}, one in "
        f"each of this network's {len(attention)} attention layers would have **{given:,}** "
        f"together.{has}"
    )


def _sweep() -> None:
    """The paper's Figure 4 with our own network."""
    try:
        rows = read_rows(ASSETS / ABLATION)
    except EcaVizError as error:
        st.error(widgets.plain(str(error)))
        return
    sizes = {name: int(name.removeprefix("eca_k")) for name in SWEPT}
    runs = [row for row in rows if row.mechanism in sizes]
    if not runs:
        return
    st.subheader("Does k matter? Our own measurement")
    st.markdown(
        "A small ResNet on Imagenette with the same k in every layer, and by Eq. 12 (3, 3, 5, 5), "
        "as in the paper's Figure 4. A dot is a training, a bar the mean of its seeds."
    )
    widgets.chart(
        figures.kernel_sweep(rows, sizes),
        captions.SWEEP,
        key="kernel_sweep",
        alt="Top-1 of every run over the kernel size",
    )
    st.markdown(kernel_finding(rows, sizes))


def _costs() -> None:
    st.subheader("What the attention costs")
    try:
        with st.spinner("Counting parameters and multiply-adds …"):
            costs = cache.costs(state.choice().network)
    except EcaVizError as error:
        st.error(widgets.plain(str(error)))
        return
    st.dataframe(cost_table(costs), hide_index=True, column_config=COST_COLUMNS)
    st.caption(captions.COSTS.format(side=costs.side))
    with st.expander("Layer by layer"):
        st.dataframe(layer_cost_table(costs), hide_index=True, column_config=COST_COLUMNS)


render()
