"""C × C matrices of a layer: how each gate depends on each channel; and SE's bottleneck."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from eca_viz.analysis.matrices import coarse
from eca_viz.figures import theme
from eca_viz.locale.texts import text, tr
from eca_viz.records import Floats

CELLS = 128
# What a matrix is of where nobody says it.
LAYER = text("the layer")
# Of a matrix, in pixels.
SIDE = 220
MATRIX = text(
    "Look at which entries are blank: such a channel is outside the gate's receptive window. Red "
    "entries raise the gate's logit, blue ones lower it; their size does not show whether the "
    "network gains by it."
)
JACOBIAN = text(
    "Look at a column: how every gate changes with this one channel's descriptor. The derivatives "
    "hold at this image only, and a large entry does not prove that the prediction depends on it."
)
BOTTLENECK = text(
    "Look at how few values all gates are computed from, and how many of them are 0. No channel "
    "has a value of its own here, which does not prove that its gate is wrong."
)


def matrix(values: Floats, title: str = LAYER, *, side: int = SIDE) -> go.Figure:
    """The coefficients W (C, C) of z = W y, row i for gate i, on a scale of their own.

    Exact zeros are left blank. Above CELLS channels each cell shows the entry of largest
    magnitude of several.

    Args:
        values: W.
        title: Names the layer in the text for screen readers.
        side: Height in pixels.

    Returns:
        A figure with one heat map.
    """
    alt = tr("The {n} × {n} matrix of {title}", n=len(values), title=tr(title))
    figure = _cells(values, None, height=side, caption=tr(MATRIX), alt=alt)
    # Streamlit draws no chart narrower than 150 pixels; what is left over is at the right.
    return figure.update_xaxes(constraintoward="left")


def jacobian(values: Floats, title: str = LAYER, *, limit: float) -> go.Figure:
    """∂ω/∂y, drawn as `matrix` draws W.

    Args:
        values: The derivatives (C, C), row i for gate i.
        title: Names the gates in the text for screen readers.
        limit: The colours end at ±`limit`.

    Returns:
        A figure with one heat map.
    """
    alt = tr("Jacobian of {title}", title=tr(title))
    return _cells(values, limit, height=320, caption=tr(JACOBIAN), alt=alt)


def _cells(values: Floats, limit: float | None, **layout: Any) -> go.Figure:
    cells = coarse(values, CELLS)
    step = -(-len(values) // CELLS)
    end = limit or float(np.abs(values).max()) or 1.0
    figure = theme.figure(**layout)
    figure.add_trace(
        go.Heatmap(
            z=np.where(cells == 0, np.nan, cells),
            x0=0,
            dx=step,
            y0=0,
            dy=step,
            zmin=-end,
            zmax=end,
            colorscale=list(theme.ENTRY_SCALE),
            showscale=limit is not None,
            colorbar={"thickness": 12},
            hoverongaps=False,
            hovertemplate=theme.hover(tr("gate %{y}, channel %{x}: %{z:.4f}")),
        )
    )
    low, high = -0.5 * step, (len(cells) - 0.5) * step
    frame = {"color": "#888", "width": 1}
    figure.add_shape(type="rect", x0=low, x1=high, y0=low, y1=high, line=frame)
    figure.update_xaxes(range=[low, high], constrain="domain", visible=False)
    figure.update_yaxes(range=[high, low], scaleanchor="x", constrain="domain", visible=False)
    figure.update_layout(margin={"l": 2, "r": 2, "t": 2, "b": 2})
    return figure


def bottleneck(squeezed: Floats, channels: int) -> go.Figure:
    """The values (C/r,) of SE's bottleneck, behind the ReLU."""
    title = tr("{channels} channels through {n} values", channels=channels, n=len(squeezed))
    figure = theme.figure(
        height=260,
        title=theme.title(title),
        caption=tr(BOTTLENECK),
        alt=tr(
            "SE's bottleneck: {channels} channels through {n} values",
            channels=channels,
            n=len(squeezed),
        ),
    )
    figure.add_trace(
        go.Bar(
            x=np.arange(len(squeezed)),
            y=squeezed,
            marker_color=theme.ACCENT,
            hovertemplate=theme.hover(tr("value %{x}: %{y:.4f}")),
        )
    )
    figure.update_xaxes(title=tr("place in the bottleneck"), dtick=1)
    figure.update_yaxes(title="ReLU(W₁y)", rangemode="tozero")
    return figure
