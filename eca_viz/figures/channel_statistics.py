"""One channel over many images: its distribution, its classes, its effect beside the others."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from eca_viz.figures import theme
from eca_viz.locale.texts import text, tr
from eca_viz.records import LayerStatistics
from eca_viz.records.statistics import BINS

HEIGHT = 320
MOST_CLASSES = 40
HISTOGRAM = text(
    "Look at where the dashed line, this image's gate, lies in the distribution. A gate in its "
    "tail is unusual for this channel; that does not prove that it matters for the prediction."
)
CLASSES = text(
    "Look for a class whose dot is further from the others than its bar, one standard deviation "
    "over its images, is long. A high gate does not prove that the channel stands for the class: "
    "it may follow colour or texture that its images share."
)
EFFECT = text(
    "Look at whether channels with large gates have large effects (gate × gradient of the "
    "predicted class's logit, mean magnitude over the images): where the dots form no line, a "
    "large gate does not mean an important channel. The gradient is a linear estimate of what the "
    "gate's absence would change."
)


def gate_histogram(layer: LayerStatistics, channel: int, gate: float | None = None) -> go.Figure:
    """How many images have which gate ω in one channel.

    Args:
        layer: The layer's statistics.
        channel: Index of the channel.
        gate: That of the image at hand, unless None.

    Returns:
        A figure with one trace.
    """
    counts = layer.total.histogram[channel]
    outside = layer.total.count - int(counts.sum())
    count = layer.total.count
    title = tr("ω over {n:,} images", n=count)
    if outside:
        title = tr("ω over {n:,} images, {outside:,} below 0 or above 1", n=count, outside=outside)
    figure = theme.figure(
        height=HEIGHT,
        title=theme.title(title),
        caption=tr(HISTOGRAM),
        alt=tr(
            "Distribution of the gate of channel {channel} of {layer} over all images",
            channel=channel,
            layer=layer.layer,
        ),
        xaxis={"title": {"text": tr(theme.GATE)}},
        yaxis={"title": {"text": tr("images")}, "rangemode": "tozero"},
        bargap=0,
    )
    (used,) = np.nonzero(counts)
    chosen = slice(max(used[0] - 1, 0), used[-1] + 2) if len(used) else slice(0, BINS)
    figure.add_trace(
        go.Bar(
            x=((np.arange(BINS) + 0.5) / BINS)[chosen],
            y=counts[chosen].astype(np.int32),
            width=1 / BINS,
            marker_color=theme.ACCENT,
            hovertemplate=theme.hover(tr("ω about %{x:.3f}: %{y} images")),
        )
    )
    return _at(figure, gate)


def _at(figure: go.Figure, gate: float | None) -> go.Figure:
    """A dashed line at the gate of the image at hand."""
    if gate is not None:
        figure.add_vline(gate, line={"color": theme.SECOND, "width": 2, "dash": "dash"})
    return figure


def class_means(layer: LayerStatistics, channel: int, gate: float | None = None) -> go.Figure:
    """Mean ± standard deviation of one channel's gate for each class, in ascending order.

    Args:
        layer: The layer's statistics.
        channel: Index of the channel.
        gate: That of the image at hand, unless None.

    Returns:
        A figure with one trace.
    """
    order = sorted(layer.classes, key=lambda name: float(layer.classes[name].mean[channel]))
    title = tr("Mean ± sd of each class")
    if len(order) > MOST_CLASSES:
        title = tr(
            "Mean ± sd of each class (the {shown} lowest and highest of {n:,})",
            shown=MOST_CLASSES,
            n=len(order),
        )
        order = order[: MOST_CLASSES // 2] + order[-MOST_CLASSES // 2 :]
    figure = theme.figure(
        height=max(HEIGHT, 110 + theme.row_height(len(order)) * len(order)),
        title=theme.title(title),
        caption=tr(CLASSES),
        alt=tr(
            "Mean gate of channel {channel} of {layer} for each class",
            channel=channel,
            layer=layer.layer,
        ),
        xaxis={"title": {"text": tr(theme.GATE)}},
        yaxis={"type": "category"},
    )
    found = [layer.classes[name] for name in order]
    error: dict[str, Any] = {"array": [float(one.sd[channel]) for one in found], "thickness": 1.5}
    figure.add_trace(
        go.Scatter(
            x=[float(one.mean[channel]) for one in found],
            y=[tr(name) for name in order],
            error_x=error,
            customdata=[[one.count, float(one.sd[channel])] for one in found],
            mode="markers",
            marker={"size": 9, "color": theme.ACCENT},
            hovertemplate=theme.hover(
                tr("%{y}, %{customdata[0]:,} images: ω = %{x:.4f} ± %{customdata[1]:.4f}")
            ),
        )
    )
    return _at(figure, gate)


def effect_against_gate(layer: LayerStatistics, channel: int) -> go.Figure:
    """Mean gate of every channel against the mean magnitude of its effect; one has an arrow.

    Args:
        layer: A layer's statistics with effects.
        channel: The channel with the arrow.

    Returns:
        A figure with one trace.
    """
    figure = theme.figure(
        height=HEIGHT,
        title=theme.title(tr("Mean gate against effect")),
        caption=tr(EFFECT),
        alt=tr(
            "Mean gate of each channel of {layer} against the magnitude of its effect",
            layer=layer.layer,
        ),
        xaxis={"title": {"text": tr("mean gate ω")}},
        yaxis={"title": {"text": tr("mean |ω × gradient|")}},
    )
    effects = np.zeros(layer.channels) if layer.effects is None else layer.effects.magnitude
    gates = layer.total.mean
    figure.add_trace(
        go.Scatter(
            x=gates.astype(np.float32),
            y=effects.astype(np.float32),
            customdata=np.arange(layer.channels),
            mode="markers",
            marker={"size": 6, "color": theme.ACCENT, "opacity": 0.7},
            hovertemplate=theme.hover(tr("channel %{customdata}: ω = %{x:.4f}, effect %{y:.4f}")),
        )
    )
    return theme.marked(figure, f"{channel}", float(gates[channel]), float(effects[channel]))
