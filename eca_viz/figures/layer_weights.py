"""The channel weights of one layer, looked at in four ways.

`span` is the range of ω that all layers of the network share, so that layers can be compared.
"""

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from eca_viz.figures import theme
from eca_viz.records import Floats, LayerAttention

HEIGHT = 300
BINS = 40

Span = tuple[float, float]


def weights_over_index(record: LayerAttention, span: Span) -> go.Figure:
    """ω of every channel over the channel's index, as in the papers' figures."""
    figure = theme.figure(height=HEIGHT, title=theme.title("Weights over channels"))
    figure.add_trace(_steps(np.arange(record.channels), record.weights[0]))
    figure.update_xaxes(title=theme.CHANNEL)
    return _with_mean(figure, record, span)


def sorted_weights(record: LayerAttention, span: Span) -> go.Figure:
    """ω of every channel from the largest to the smallest."""
    order = np.argsort(-record.weights[0], kind="stable")
    figure = theme.figure(height=HEIGHT, title=theme.title("Sorted"))
    figure.add_trace(_steps(order, record.weights[0][order]))
    figure.update_xaxes(title="rank")
    return _with_mean(figure, record, span)


def _steps(channels: NDArray[np.signedinteger[Any]], weights: Floats) -> go.Scatter:
    """A line of steps: hundreds of bars take many times as long to paint."""
    return go.Scatter(
        x=np.arange(len(weights)),
        y=weights,
        customdata=channels,
        mode="lines",
        line={"shape": "hvh", "width": 1.5, "color": theme.ACCENT},
        hovertemplate="channel %{customdata}<br>ω = %{y:.4f}<extra></extra>",
    )


def _with_mean(figure: go.Figure, record: LayerAttention, span: Span) -> go.Figure:
    """A dashed line at the layer's mean, and the range that all layers share."""
    mean = float(record.weights[0].mean())
    figure.add_hline(mean, line={"color": theme.SECOND, "width": 1.5, "dash": "dash"})
    figure.update_yaxes(title=theme.WEIGHT, range=span)
    return figure


def weight_distribution(record: LayerAttention, span: Span) -> go.Figure:
    """How many channels have which ω."""
    counts, edges = np.histogram(record.weights[0], bins=BINS, range=span)
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
    figure.update_xaxes(title=theme.WEIGHT, range=span)
    figure.update_yaxes(title="channels")
    return figure


def descriptor_against_weight(record: LayerAttention, span: Span) -> go.Figure:
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
    figure.update_yaxes(title=theme.WEIGHT, range=span)
    return figure
