"""The gates of one layer in three figures, on the axis that all layers of a network share."""

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.basedatatypes import BaseTraceType

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
    return _figure(
        _steps(np.arange(record.channels), record.weights[0]),
        _distribution(record.weights[0], span),
        title=theme.title(tr("Gates over channels")),
        caption=tr(CHANNELS),
        alt=tr("Gates over channels of {layer}", layer=record.layer),
        xaxis={"title": {"text": tr(theme.CHANNEL)}, "domain": [0, 0.78]},
        xaxis2={
            "domain": [0.8, 1],
            "title": {"text": tr("channels")},
            "nticks": 3,
            "zeroline": False,
        },
        **_gate_axis(record, span),
        **_marks(record, channel, channel),
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
    rank = None if channel is None else int(np.flatnonzero(order == channel)[0])
    return _figure(
        _steps(order, record.weights[0][order]),
        title=theme.title(tr("Sorted")),
        caption=tr(SORTED),
        alt=tr("Sorted of {layer}", layer=record.layer),
        xaxis={"title": {"text": tr("rank")}},
        **_gate_axis(record, span),
        **_marks(record, channel, rank),
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


def _figure(*traces: BaseTraceType, **layout: Any) -> go.Figure:
    for name in ("xaxis", "yaxis"):
        layout[name] = {**layout[name], "automargin": False}
    return theme.figure(*traces, height=HEIGHT, margin=MARGIN, **layout)


def _gate_axis(record: LayerAttention, span: Span) -> dict[str, Any]:
    """Layout: the range that all layers share, and a dashed line at the layer's mean gate."""
    mean = mean_gate(record.weights[0])
    line = {"color": theme.SECOND, "width": 1.5, "dash": "dash"}
    ends = {"xref": "paper", "x0": 0, "x1": 1, "y0": mean, "y1": mean}
    return {
        "yaxis": {"title": {"text": tr(theme.GATE)}, "range": span},
        "shapes": [{"type": "line", "line": line, **ends}],
    }


def _marks(record: LayerAttention, channel: int | None, x: float | None) -> dict[str, Any]:
    """Layout: an arrow to the picked channel, where there is one."""
    if channel is None or x is None:
        return {}
    return {"annotations": [theme.arrow(f"{channel}", x, float(record.weights[0, channel]))]}


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
    y, gates = record.descriptor[0], record.weights[0]
    dots = go.Scatter(
        x=y,
        y=gates,
        customdata=np.arange(record.channels),
        mode="markers",
        marker={"size": 6, "color": theme.ACCENT, "opacity": 0.7},
        hovertemplate=theme.hover(tr("channel %{customdata}"), "y = %{x:.4f}", "ω = %{y:.4f}"),
    )
    return _figure(
        dots,
        title=theme.title(tr("Descriptor against gate")),
        alt=tr("Descriptor against gate of {layer}", layer=record.layer),
        caption=tr(DESCRIPTOR),
        xaxis={"title": {"text": tr(theme.DESCRIPTOR)}},
        yaxis={"title": {"text": tr(theme.GATE)}, "range": span},
        **_marks(record, channel, None if channel is None else float(y[channel])),
    )
