"""The kernel size by Eq. 12, a step function of the number of channels."""

import math
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from eca_viz.figures import theme
from eca_viz.kernel_size import adaptive_kernel_size
from eca_viz.locale.texts import text, tr
from eca_viz.records import LayerAttention

FEWEST, MOST = 2, 4096
CAPTION = text(
    "Look at how slowly k grows: each step needs C to grow by a factor of 2^(2γ). A layer off the "
    "curve got its k otherwise, which does not prove that it works worse."
)


def adaptive_kernel(attention: Sequence[LayerAttention], *, gamma: float, b: float) -> go.Figure:
    """k over C by Eq. 12, and each layer of a network at its own C and k.

    Args:
        attention: Layers of one network; those without a kernel size are left out.
        gamma: γ in Eq. 12.
        b: b in Eq. 12.

    Returns:
        A figure with two traces: the steps of Eq. 12 and the layers.
    """
    channels = np.arange(FEWEST, MOST + 1)
    sizes = np.array([adaptive_kernel_size(int(c), gamma, b) for c in channels])
    # Only the ends of each step: the thousands of points between them lie on a line.
    ends = np.flatnonzero(np.diff(sizes, append=-1))
    starts = np.concatenate([[0], ends[:-1] + 1])
    corners = np.stack([starts, ends], 1).ravel()
    figure = theme.figure(
        height=360,
        title=theme.title(tr("k by Eq. 12")),
        caption=tr(CAPTION),
        alt=tr("Kernel size over the number of channels, with the layers of the network"),
    )
    figure.update_layout(theme.LEGEND_ABOVE)
    figure.add_trace(
        go.Scatter(
            x=channels[corners],
            y=sizes[corners],
            name=f"γ = {gamma:g}, b = {b:g}",
            mode="lines",
            line={"color": theme.ACCENT, "width": 3, "shape": "hv"},
            hovertemplate="C = %{x}<br>k = %{y}<extra></extra>",
        )
    )
    layers = [record for record in attention if record.kernel_size is not None]
    figure.add_trace(
        go.Scatter(
            x=[record.channels for record in layers],
            y=[record.kernel_size for record in layers],
            name=tr("layers of the network"),
            mode="markers",
            marker={"size": 12, "symbol": "diamond", "color": theme.SECOND},
            customdata=[record.layer for record in layers],
            hovertemplate=theme.hover("%{customdata}", "C = %{x}", tr("k = %{y} as loaded")),
        )
    )
    figure.update_xaxes(
        title=tr("channels C"),
        type="log",
        tickvals=[2**power for power in range(1, 13)],
        range=[math.log10(FEWEST) - 0.05, math.log10(MOST) + 0.05],
    )
    figure.update_yaxes(title="k", tick0=1, dtick=2, rangemode="tozero")
    return figure
