"""What is left of a descriptor in the middle of an SE layer."""

import numpy as np
import plotly.graph_objects as go

from eca_viz.figures import theme
from eca_viz.records.explanation import Floats


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
