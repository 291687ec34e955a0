"""The gates of one layer in three figures, on the axis that all layers of a network share."""

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from eca_viz.analysis.attention import mean_gate
from eca_viz.figures import theme
from eca_viz.locale.texts import text, tr
from eca_viz.records import Floats, LayerAttention

HEIGHT = 322
# Fixed, since Plotly draws a figure again to fit its margins to its labels. The number of the
# picked channel stands between title and chart.
MARGIN = {"l": 58, "r": 8, "t": 58, "b": 48}
BINS = 40
CHANNELS = text(
    "Look for channels far from the layer's mean (dashed), and on the right at where the gates "
    "gather. The axis spans the gates of all layers and need not start at 0; a channel's index "
    "carries no meaning of its own. A layer whose gates all lie near one value is close to a "
    "constant scale, which the batch norm before it could provide as well; that does not prove "
    "that the layer is useless."
)
SORTED = text(
    "Look at how steep the curve is: a flat one means that the layer scales its channels almost "
    "alike. Ranks of different layers cannot be compared, since layers differ in their mean gate."
)
DESCRIPTOR = text(
    "Look at the spread of gate ω at one descriptor y: it comes from the other channels in the "
    "receptive window, since with the own y alone the dots would lie on one curve. It does not "
    "show which channel it was."
)

Span = tuple[float, float]


def gates_over_channels(
    record: LayerAttention, span: Span, channel: int | None = None
) -> go.Figure:
    """Gate ω of every channel over the channel's index, as in the papers' figures.

    Args:
        record: What the layer computed.
        span: Range of the gates of all layers, both ends of the axis.
        channel: Gets an arrow, unless None.

    Returns:
        A figure with two traces: the gates, and their distribution on the same axis.
    """
    figure = _with_mean(
        tr("Gates over channels"),
        record,
        span,
        across=tr(theme.CHANNEL),
        caption=tr(CHANNELS),
        alt=tr("Gates over channels of {layer}", layer=record.layer),
    )
    figure.add_trace(_steps(np.arange(record.channels), record.weights[0]))
    figure.add_trace(_distribution(record.weights[0], span))
    figure.update_layout(
        xaxis_domain=[0, 0.78],
        xaxis2={
            "domain": [0.8, 1],
            "title": {"text": tr("channels")},
            "nticks": 3,
            "zeroline": False,
        },
    )
    return (
        figure
        if channel is None
        else _marked(figure, channel, channel, float(record.weights[0, channel]))
    )


def _distribution(weights: Floats, span: Span) -> go.Bar:
    counts, edges = np.histogram(weights, bins=BINS, range=span)
    return go.Bar(
        x=counts.astype(np.int32),
        y=((edges[:-1] + edges[1:]) / 2).astype(np.float32),
        width=edges[1] - edges[0],
        orientation="h",
        xaxis="x2",
        marker_color=theme.ACCENT,
        hovertemplate=theme.hover(tr("ω about %{y:.3f}"), tr("%{x} channels")),
    )


def sorted_gates(record: LayerAttention, span: Span, channel: int | None = None) -> go.Figure:
    """Gate ω of every channel from the largest to the smallest.

    Args:
        record: What the layer computed.
        span: Range of the gates of all layers, both ends of the axis.
        channel: Gets an arrow, unless None.

    Returns:
        A figure with one trace.
    """
    order = np.argsort(-record.weights[0], kind="stable")
    figure = _with_mean(
        tr("Sorted"),
        record,
        span,
        across=tr("rank"),
        caption=tr(SORTED),
        alt=tr("Sorted of {layer}", layer=record.layer),
    )
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
        hovertemplate=theme.hover(tr("channel %{customdata}"), "ω = %{y:.4f}"),
    )


def _figure(title: str, **layout: Any) -> go.Figure:
    for name in ("xaxis", "yaxis"):
        layout[name] = {**layout[name], "automargin": False}
    return theme.figure(
        height=HEIGHT,
        margin=MARGIN,
        title=theme.title(title),
        **layout,
    )


def _with_mean(
    title: str, record: LayerAttention, span: Span, *, across: str, **texts: str
) -> go.Figure:
    """A dashed line at the layer's mean gate, and the range that all layers share."""
    mean = mean_gate(record.weights[0])
    line = {"color": theme.SECOND, "width": 1.5, "dash": "dash"}
    return _figure(
        title,
        **texts,
        xaxis={"title": {"text": across}},
        yaxis={"title": {"text": tr(theme.GATE)}, "range": span},
        shapes=[
            {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": mean, "y1": mean}
            | {"line": line}
        ],
    )


def _marked(figure: go.Figure, channel: int, x: float, y: float) -> go.Figure:
    """An arrow to the picked channel."""
    return theme.marked(figure, f"{channel}", x, y)


def descriptor_against_gate(
    record: LayerAttention, span: Span, channel: int | None = None
) -> go.Figure:
    """Each channel's descriptor y against its gate ω; σ(y) alone would be one smooth curve.

    Args:
        record: What the layer computed.
        span: Range of the gates of all layers, both ends of the axis.
        channel: Gets an arrow, unless None.

    Returns:
        A figure with one trace.
    """
    figure = _figure(
        tr("Descriptor against gate"),
        alt=tr("Descriptor against gate of {layer}", layer=record.layer),
        caption=tr(DESCRIPTOR),
        xaxis={"title": {"text": tr(theme.DESCRIPTOR)}},
        yaxis={"title": {"text": tr(theme.GATE)}, "range": span},
    )
    figure.add_trace(
        go.Scatter(
            x=record.descriptor[0],
            y=record.weights[0],
            customdata=np.arange(record.channels),
            mode="markers",
            marker={"size": 6, "color": theme.ACCENT, "opacity": 0.7},
            hovertemplate=theme.hover(tr("channel %{customdata}"), "y = %{x:.4f}", "ω = %{y:.4f}"),
        )
    )
    if channel is None:
        return figure
    return _marked(
        figure, channel, float(record.descriptor[0, channel]), float(record.weights[0, channel])
    )
