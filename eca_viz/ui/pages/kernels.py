"""Kernels: k and the taps of every layer, as loaded, beside Eq. 12; the cost of attention."""

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from eca_viz import figures
from eca_viz.analysis.kernels import agreements
from eca_viz.locale.texts import text, tr
from eca_viz.records import LayerAttention
from eca_viz.ui import state
from eca_viz.ui.components import layer_picker, tabs, widgets
from eca_viz.ui.fragments import fragment
from eca_viz.ui.sections import kernel_choice, kernel_tables

EQ_12 = r"k = |(\log_2 C + b)/\gamma|_{\mathrm{odd}}"
# More would push the tabs off the first screen.
MOST_LINES = 6
TAPS = text("Taps")


def render() -> None:
    """Draws the page."""
    explanation = widgets.with_attention(widgets.current_explanation())
    attention = explanation.attention
    if any(record.kernel_size is not None for record in attention):
        st.markdown(
            tr(
                "An ECA layer computes each gate from the **k** nearest channels, its receptive "
                "window across channels. The paper's Eq. 12 derives k from C: ${formula}$, with "
                "γ = 2 and b = 1.",
                formula=EQ_12,
            )
        )
        widgets.chart(figures.kernel_sizes(attention), key="kernel_sizes")
    else:
        st.markdown(
            tr(
                "No layer of this network has a kernel whose taps all channels share. The first "
                "layer's gates are"
            )
        )
        st.latex(widgets.formula(attention[0]))
    lines = _lines(attention)
    st.markdown("\n".join(lines[:MOST_LINES]))
    if len(lines) > MOST_LINES:
        left_out = len(lines) - MOST_LINES
        st.caption(tr("{count} more such lines stand in the tab Table.", count=left_out))
    _parts(attention)
    widgets.downloads(explanation, {"kernels": kernel_tables.kernels(attention)})


@fragment
def _parts(attention: Sequence[LayerAttention]) -> None:
    """The tabs; another tab reruns them alone."""
    parts: dict[str, Callable[[], None]] = {
        TAPS: partial(_taps, attention),
        text("Adaptive rule"): partial(_rule, attention),
        text("Costs"): kernel_tables.costs,
        text("Table"): partial(kernel_tables.layers, attention, _more(attention)),
    }
    if all(record.taps is None for record in attention):
        del parts[TAPS]
    tabs.draw(parts, key=state.KERNELS_TAB)


def _lines(attention: Sequence[LayerAttention]) -> list[str]:
    return [f"- **{tr(layers)}**: {tr(words)}" for layers, words in agreements(attention)]


def _more(attention: Sequence[LayerAttention]) -> list[str]:
    """All lines where there is no room for them above the tabs."""
    lines = _lines(attention)
    return lines if len(lines) > MOST_LINES else []


def _rule(attention: Sequence[LayerAttention]) -> None:
    kernel_choice.adaptive(attention)
    kernel_choice.sweep()


def _taps(attention: Sequence[LayerAttention]) -> None:
    st.header(tr("Taps and their frequency response"))
    left, right = st.columns(2)
    with left:
        widgets.chart(figures.taps(attention), key="taps")
    with right:
        widgets.chart(figures.frequency_responses(attention), key="frequency_responses")
    layer_picker.link_to_channel()


render()
