"""The channel weights of one layer, looked at in four ways.

`span` is the range of ω that all layers of the network share, so that layers can be compared;
an arrow points to the `channel` that is picked.
"""

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from eca_viz.figures import theme
from eca_viz.records import Floats, LayerAttention

# Between title and chart stands the number of the picked channel.
HEIGHT = 322
MARGIN = {**theme.MARGIN, "t": 58}
BINS = 40

Span = tuple[float, float]


def weights_over_index(record: LayerAttention, span: Span, channel: int | None = None) -> go.Figure:
    """ω of every channel over the channel's index, as in the papers' figures."""
    figure = _with_mean("Weights over channels", theme.CHANNEL, record, span)
    figure.add_trace(_steps(np.arange(record.channels), record.weights[0]))
    return (
        figure
        if channel is None
        else _marked(figure, channel, channel, float(record.weights[0, channel]))
    )


def sorted_weights(record: LayerAttention, span: Span, channel: int | None = None) -> go.Figure:
    """ω of every channel from the largest to the smallest."""
    order = np.argsort(-record.weights[0], kind="stable")
    figure = _with_mean("Sorted", "rank", record, span)
    figure.add_trace(_steps(order, record.weights[0][order]))
    if channel is None:
        return figure
    return _marked(
        figure, channel, int(np.flatnonzero(order == channel)[0]), float(record.weights[0, channel])
    )


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


def _with_mean(title: str, across: str, record: LayerAttention, span: Span) -> go.Figure:
    """A dashed line at the layer's mean, and the range that all layers share."""
    mean = float(record.weights[0].mean())
    line = {"color": theme.SECOND, "width": 1.5, "dash": "dash"}
    return theme.figure(
        height=HEIGHT,
        margin=MARGIN,
        title=theme.title(title),
        xaxis={"title": {"text": across}},
        yaxis={"title": {"text": theme.GATE}, "range": span},
        shapes=[
            {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": mean, "y1": mean}
            | {"line": line}
        ],
    )


def _marked(figure: go.Figure, channel: int, x: float, y: float) -> go.Figure:
    """An arrow to the picked channel."""
    figure.add_annotation(
        x=x,
        y=y,
        text=f"{channel}",
        arrowcolor=theme.SECOND,
        arrowwidth=2,
        ax=0,
        ay=-28,
    )
    return figure


def weight_distribution(
    record: LayerAttention, span: Span, channel: int | None = None
) -> go.Figure:
    """How many channels have which ω."""
    counts, edges = np.histogram(record.weights[0], bins=BINS, range=span)
    figure = theme.figure(
        height=HEIGHT,
        margin=MARGIN,
        title=theme.title("Distribution"),
        xaxis={"title": {"text": theme.GATE}, "range": span},
        yaxis={"title": {"text": "channels"}},
    )
    figure.add_trace(
        go.Bar(
            x=(edges[:-1] + edges[1:]) / 2,
            y=counts,
            width=edges[1] - edges[0],
            marker_color=theme.ACCENT,
            hovertemplate="ω about %{x:.3f}<br>%{y} channels<extra></extra>",
        )
    )
    if channel is None:
        return figure
    weight = record.weights[0, channel]
    bin_ = min(int(np.searchsorted(edges, weight, "right")) - 1, BINS - 1)
    return _marked(figure, channel, float(weight), float(counts[bin_]))


def descriptor_against_weight(
    record: LayerAttention, span: Span, channel: int | None = None
) -> go.Figure:
    """Each channel's descriptor y against its ω; σ(y) alone would be one smooth curve."""
    figure = theme.figure(
        height=HEIGHT,
        margin=MARGIN,
        title=theme.title("Descriptor against weight"),
        xaxis={"title": {"text": theme.DESCRIPTOR}},
        yaxis={"title": {"text": theme.GATE}, "range": span},
    )
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
    if channel is None:
        return figure
    return _marked(
        figure, channel, float(record.descriptor[0, channel]), float(record.weights[0, channel])
    )
