"""The choice of k: by Eq. 12, and by measured accuracy."""

from collections.abc import Sequence

import streamlit as st

from eca_viz import figures
from eca_viz.analysis.ablation import kernel_finding, read_rows
from eca_viz.attention.variants import SWEPT
from eca_viz.errors import EcaVizError
from eca_viz.kernel_size import adaptive_kernel_size
from eca_viz.locale.texts import tr
from eca_viz.paths import ABLATION, ASSETS
from eca_viz.records import LayerAttention
from eca_viz.ui import state
from eca_viz.ui.components import widgets


def adaptive(attention: Sequence[LayerAttention]) -> None:
    """Eq. 12 for a chosen γ and b."""
    st.header(tr("The adaptive kernel"))
    left, right = st.columns(2)
    with left:
        gamma = st.slider("γ", 0.5, 4.0, 2.0, 0.5, key=state.GAMMA, bind="query-params")
    with right:
        b = st.slider("b", -2.0, 6.0, 1.0, 0.5, key=state.OFFSET, bind="query-params")
    widgets.chart(figures.adaptive_kernel(attention, gamma=gamma, b=b), key="adaptive_kernel")
    given = sum(adaptive_kernel_size(record.channels, gamma, b) for record in attention)
    loaded = [record.kernel_size for record in attention if record.kernel_size is not None]
    said = [
        tr(
            "An ECA layer has as many parameters as its k. With γ = {gamma:g} and b = {b:g}, one "
            "in each of this network's {layers} attention layers would have **{given:,}** "
            "together.",
            gamma=gamma,
            b=b,
            layers=len(attention),
            given=given,
        )
    ]
    if loaded:
        said.append(tr("As loaded, its ECA layers have **{loaded:,}**.", loaded=sum(loaded)))
    st.markdown(" ".join(said))


def sweep() -> None:
    """Accuracy over k, as in the paper's Figure 4, measured with our own network."""
    try:
        rows = read_rows(ASSETS / ABLATION)
    except EcaVizError as error:
        st.error(widgets.plain(tr(error)))
        return
    sizes = {name: int(name.removeprefix("eca_k")) for name in SWEPT}
    runs = [row for row in rows if row.mechanism in sizes]
    if not runs:
        return
    st.header(tr("Does k matter? Our own measurement"))
    st.markdown(
        tr(
            "A small ResNet on Imagenette with the same k in every layer, and by Eq. 12 "
            "(3, 3, 5, 5), as in the paper's Figure 4. A dot is a training, a bar the mean of its "
            "seeds."
        )
    )
    widgets.chart(figures.kernel_sweep(rows, sizes), key="kernel_sweep")
    st.markdown(tr(kernel_finding(rows, sizes)))
