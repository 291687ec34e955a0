"""Kernel sizes and taps of every layer beside Eq. 12."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from eca_viz.analysis.kernels import frequency_response
from eca_viz.figures import theme
from eca_viz.kernel_size import adaptive_kernel_size
from eca_viz.locale.texts import text, tr
from eca_viz.records import LayerAttention

# A longer legend would leave no room for the curves; their names are shown on hovering.
MOST_NAMED = 12
KERNEL_SIZES = text(
    "Look for bars that differ from their mark: there the kernel size was not chosen by Eq. 12 on "
    "C. A larger k does not by itself mean a stronger interaction of channels, since taps may be "
    "near zero."
)
TAPS = text(
    "Look for a large middle tap (the gate depends on its own channel) or large outer taps of "
    "opposite sign (neighbouring channels lower the gate). All channels of a layer share these "
    "taps; they do not show how large the descriptors are that they multiply."
)
FREQUENCIES = text(
    "Look at which end is high: at 0 cycles per channel (all channels alike) the layer passes on "
    "what neighbours have in common, at 0.5 (neighbours opposed) their differences. It does not "
    "show whether neighbouring channels are related."
)


def kernel_sizes(attention: Sequence[LayerAttention]) -> go.Figure:
    """k of each layer as loaded, beside what Eq. 12 gives for its channels."""
    layers = [record.layer for record in attention]
    figure = theme.figure(
        height=320,
        title=theme.title(tr("Kernel size k")),
        caption=tr(KERNEL_SIZES),
        alt=tr("Kernel size of each layer as loaded and by Eq. 12"),
    )
    figure.update_layout(theme.LEGEND_ABOVE)
    figure.add_trace(
        go.Bar(
            x=layers,
            y=[record.kernel_size for record in attention],
            name=tr("as loaded"),
            marker_color=theme.ACCENT,
            customdata=[[record.channels] for record in attention],
            hovertemplate=theme.hover("%{x}", "C = %{customdata[0]}", tr("k = %{y} as loaded")),
        )
    )
    figure.add_trace(
        go.Scatter(
            x=layers,
            y=[adaptive_kernel_size(record.channels) for record in attention],
            name=tr("by Eq. 12 on C"),
            mode="markers",
            marker={"symbol": "line-ew", "size": 30, "line": {"width": 4, "color": theme.SECOND}},
            hovertemplate=theme.hover("%{x}", tr("k = %{y} by Eq. 12")),
        )
    )
    figure.update_yaxes(title="k", tick0=1, dtick=2, rangemode="tozero")
    return figure


def taps(attention: Sequence[LayerAttention]) -> go.Figure:
    """The taps of every layer on one scale, centred: 0 is the channel itself."""
    rows = [(record.layer, record.taps) for record in attention if record.taps is not None]
    height = theme.row_height(len(rows))
    figure = theme.figure(
        height=110 + height * len(rows),
        title=theme.title(tr("Taps")),
        caption=tr(TAPS),
        alt=tr("The taps of every layer on one colour scale"),
    )
    reach = max((len(kernel) // 2 for _, kernel in rows), default=0)
    grid = np.full((len(rows), 2 * reach + 1), np.nan, dtype=np.float32)
    for row, (_, kernel) in enumerate(rows):
        half = len(kernel) // 2
        grid[row, reach - half : reach + half + 1] = kernel
    limit = float(np.nanmax(np.abs(grid), initial=0)) or 1.0
    figure.add_trace(
        go.Heatmap(
            z=grid,
            x=np.arange(-reach, reach + 1),
            y=[layer for layer, _ in rows],
            zmin=-limit,
            zmax=limit,
            colorscale="RdBu_r",
            texttemplate="%{z:.2f}",
            hoverongaps=False,
            colorbar={"title": {"text": tr("tap")}, "thickness": 14},
            xgap=3,
            ygap=3,
            hovertemplate=theme.hover("%{y}", tr("neighbour %{x:+d}: %{z:.4f}")),
        )
    )
    figure.update_xaxes(title=tr("neighbour (0 is the channel itself)"), dtick=1, showgrid=False)
    figure.update_yaxes(
        autorange="reversed", showgrid=False, tickfont={"size": min(14, height - 3)}
    )
    return figure


def frequency_responses(attention: Sequence[LayerAttention]) -> go.Figure:
    """Each kernel's gain over the frequency of a pattern across the channels."""
    figure = theme.figure(
        height=340,
        title=theme.title(tr("Frequency response")),
        caption=tr(FREQUENCIES),
        alt=tr("Frequency response of every layer's kernel"),
    )
    rows = [(record.layer, record.taps) for record in attention if record.taps is not None]
    figure.update_layout(showlegend=len(rows) <= MOST_NAMED)
    for (layer, kernel), colour in zip(rows, theme.along_depth(len(rows)), strict=True):
        frequencies, response = frequency_response(kernel)
        figure.add_trace(
            go.Scatter(
                x=frequencies,
                y=response,
                name=layer,
                mode="lines",
                line={"color": colour, "width": 2},
                hovertemplate=theme.hover(layer, tr("frequency %{x:.2f}: %{y:.3f}")),
            )
        )
    figure.update_xaxes(title=tr("cycles per channel"))
    figure.update_yaxes(title=tr("gain"), rangemode="tozero")
    return figure
