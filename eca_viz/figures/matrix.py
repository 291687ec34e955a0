"""A layer's C × C matrix as a picture: where a gate listens to a channel."""

import numpy as np
import plotly.graph_objects as go

from eca_viz.analysis.matrices import coarse
from eca_viz.figures import theme
from eca_viz.records import Floats

CELLS = 128


def matrix(values: Floats, *, limit: float | None = None, height: int = 220) -> go.Figure:
    """Entry (i, j) is how channel j moves gate i; exact zeros are left blank.

    The colours end at ±`limit`, at the largest magnitude if None. Above CELLS channels
    each cell shows the entry of largest magnitude of several.
    """
    cells = coarse(values, CELLS)
    step = -(-len(values) // CELLS)
    end = limit or float(np.abs(values).max()) or 1.0
    figure = theme.figure(height=height)
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
            hovertemplate="gate %{y}, channel %{x}: %{z:.4f}<extra></extra>",
        )
    )
    low, high = -0.5 * step, (len(cells) - 0.5) * step
    frame = {"color": "#888", "width": 1}
    figure.add_shape(type="rect", x0=low, x1=high, y0=low, y1=high, line=frame)
    figure.update_xaxes(range=[low, high], constrain="domain", visible=False)
    figure.update_yaxes(range=[high, low], scaleanchor="x", constrain="domain", visible=False)
    figure.update_layout(margin={"l": 4, "r": 4, "t": 4, "b": 4})
    return figure


def bottleneck(squeezed: Floats, channels: int) -> go.Figure:
    """The values between SE's two layers, behind the ReLU."""
    figure = theme.figure(
        height=260, title=theme.title(f"{channels} channels through {len(squeezed)} values")
    )
    figure.add_trace(
        go.Bar(
            x=np.arange(len(squeezed)),
            y=squeezed,
            marker_color=theme.ACCENT,
            hovertemplate="value %{x}: %{y:.4f}<extra></extra>",
        )
    )
    figure.update_xaxes(title="place in the bottleneck", dtick=1)
    figure.update_yaxes(title="ReLU(W₁y)", rangemode="tozero")
    return figure
