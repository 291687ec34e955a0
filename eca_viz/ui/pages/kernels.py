"""Kernels: k and the taps of every layer, as loaded, beside Eq. 12."""

import streamlit as st

from eca_viz import figures
from eca_viz.analysis import kernel_table
from eca_viz.figures import captions
from eca_viz.ui import widgets


def render() -> None:
    """Draws the page."""
    attention = widgets.current_explanation().attention
    st.markdown(
        "An ECA layer lets each channel hear its **k** nearest neighbours. The paper proposes "
        "k by the number of channels C (Eq. 12), with γ = 2 and b = 1:"
    )
    st.latex(r"k = \left|\frac{\log_2 C}{\gamma} + \frac{b}{\gamma}\right|_{\mathrm{odd}}")
    widgets.chart(
        figures.kernel_sizes(attention),
        captions.KERNEL_SIZES,
        key="kernel_sizes",
        alt="Kernel size of each layer as loaded and by Eq. 12",
    )
    st.dataframe(
        kernel_table(attention),
        hide_index=True,
        column_config={
            "layer": "Layer",
            "stage": "Stage",
            "channels": "C",
            "width": "Block's width",
            "kernel_size": "k as loaded",
            "by_channels": "Eq. 12 on C",
            "by_width": "Eq. 12 on width",
            "agreement": "In words",
            "taps": "Taps",
        },
    )
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


render()
