"""The channel weights of one layer, looked at in four ways."""

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from eca_viz.figures import theme
from eca_viz.records import Floats, LayerAttention

HEIGHT = 300


def weights_over_index(record: LayerAttention) -> go.Figure:
    """ω of every channel over the channel's index, as in the papers' figures."""
    figure = _steps(
        np.arange(record.channels), record.weights[0], "%{x}", theme.title("Weights over channels")
    )
    figure.update_xaxes(title=theme.CHANNEL)
    return figure


def sorted_weights(record: LayerAttention) -> go.Figure:
    """ω of every channel from the largest to the smallest."""
    order = np.argsort(-record.weights[0], kind="stable")
    figure = _steps(order, record.weights[0][order], "%{customdata}", theme.title("Sorted"))
    figure.update_xaxes(title="rank")
    return figure


def _steps(
    channels: NDArray[np.signedinteger], weights: Floats, channel: str, title: dict[str, object]
) -> go.Figure:
    """A filled line of steps: hundreds of bars take many times as long to paint."""
    figure = theme.figure(height=HEIGHT, title=title)
    figure.add_trace(
        go.Scatter(
            x=np.arange(len(weights)),
            y=weights,
            customdata=channels,
            mode="lines",
            line={"shape": "hvh", "width": 1.5, "color": theme.ACCENT},
            fill="tozeroy",
            hovertemplate=f"channel {channel}<br>ω = %{{y:.4f}}<extra></extra>",
        )
    )
    figure.update_yaxes(title=theme.WEIGHT, range=[0, 1])
    return figure


def weight_distribution(record: LayerAttention) -> go.Figure:
    """How many channels have which ω, in forty bins from 0 to 1."""
    counts, edges = np.histogram(record.weights[0], bins=40, range=(0, 1))
    figure = theme.figure(height=HEIGHT, title=theme.title("Distribution"))
    figure.add_trace(
        go.Bar(
            x=(edges[:-1] + edges[1:]) / 2,
            y=counts,
            width=edges[1] - edges[0],
            marker_color=theme.ACCENT,
            hovertemplate="ω about %{x:.3f}<br>%{y} channels<extra></extra>",
        )
    )
    figure.update_xaxes(title=theme.WEIGHT, range=[0, 1])
    figure.update_yaxes(title="channels")
    return figure


def descriptor_against_weight(record: LayerAttention) -> go.Figure:
    """Each channel's descriptor y against its ω; σ(y) alone would be one smooth curve."""
    figure = theme.figure(height=HEIGHT, title=theme.title("Descriptor against weight"))
    figure.add_trace(
        go.Scatter(
            x=record.descriptor[0],
            y=record.weights[0],
            customdata=np.arange(record.channels),
            mode="markers",
            marker={"size": 6, "color": theme.ACCENT, "opacity": 0.7},
            hovertemplate="channel %{customdata}<br>y = %{x:.4f}<br>ω = %{y:.4f}<extra></extra>",
        )
    )
    figure.update_xaxes(title=theme.DESCRIPTOR)
    figure.update_yaxes(title=theme.WEIGHT, range=[0, 1])
    return figure
