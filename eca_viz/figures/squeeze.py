"""SE's bottleneck: C descriptors become C/r values, and these become C gates."""

from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from eca_viz.figures import theme
from eca_viz.locale.texts import text, tr
from eca_viz.records import Bottleneck, Floats, LayerAttention

HEIGHT = 430
CAPTION = text(
    "Look at the middle row: all gates below are computed from these few values. That does not "
    "show whether the bottleneck costs accuracy, which is the next question."
)
# Share of the figure's height between the centres of two rows, and that of a row.
STEP, ROW = 0.4, 0.16


class _Strip(NamedTuple):
    """A row of cells: its title, symbol, values, and colours."""

    title: str
    symbol: str
    values: Floats
    scale: Any
    low: float
    high: float


def squeeze(record: LayerAttention, bottleneck: Bottleneck) -> go.Figure:
    """The descriptor, the bottleneck and the gates of one SE layer, a row of cells for each.

    Args:
        record: What the layer computed.
        bottleneck: The arithmetic of its bottleneck.

    Returns:
        A figure with three heat maps, each as wide as it has values.
    """
    channels, few = record.channels, len(bottleneck.values)
    descriptor, gates = record.descriptor[0], record.weights[0]
    ends = [float(np.abs(one).max()) or 1.0 for one in (descriptor, bottleneck.values)]
    strips = (
        _Strip(
            tr("descriptor y: {n} values", n=channels),
            "y",
            descriptor,
            theme.ENTRY_SCALE,
            -ends[0],
            ends[0],
        ),
        _Strip(
            tr("bottleneck: {n} values", n=few) + f"<br>h = {bottleneck.activation}(W₁y)",
            "h",
            bottleneck.values,
            theme.ENTRY_SCALE,
            -ends[1],
            ends[1],
        ),
        _Strip(
            tr("gate ω = σ(W₂h): {n} values", n=channels), "ω", gates, theme.GATE_SCALE, 0.0, 1.0
        ),
    )
    layout: dict[str, Any] = {"annotations": [], "shapes": []}
    traces = []
    for row, strip in enumerate(strips):
        axes, trace, words = _drawn(strip, row, channels)
        layout |= axes
        layout["annotations"].append(words)
        traces.append(trace)
    layout["shapes"] = _funnel(few / channels)
    figure = theme.figure(
        height=HEIGHT,
        caption=tr(CAPTION),
        alt=tr(
            "{channels} descriptors, {few} values of the bottleneck and {channels} gates",
            channels=channels,
            few=few,
        ),
        **layout,
    )
    figure.add_traces(traces)
    return figure


def _drawn(
    strip: _Strip, row: int, channels: int
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Axes, trace and title of a strip, in the middle of the figure."""
    suffix = "" if row == 0 else str(row + 1)
    half = len(strip.values) / channels / 2
    top = 1 - 0.06 - row * STEP
    axes: dict[str, Any] = {
        f"xaxis{suffix}": {
            "domain": [0.5 - half, 0.5 + half],
            "visible": False,
            "anchor": f"y{suffix}",
        },
        f"yaxis{suffix}": {
            "domain": [max(0.0, top - ROW), top],
            "visible": False,
            "anchor": f"x{suffix}",
        },
    }
    trace = {
        "type": "heatmap",
        "z": strip.values[None],
        "x": np.arange(len(strip.values)),
        "xaxis": f"x{suffix}",
        "yaxis": f"y{suffix}",
        "zmin": strip.low,
        "zmax": strip.high,
        "colorscale": strip.scale if isinstance(strip.scale, str) else list(strip.scale),
        "showscale": False,
        "hovertemplate": theme.hover(f"{strip.symbol}<sub>%{{x}}</sub> = %{{z:.4f}}"),
    }
    beside = row == 1  # the lines of the funnel leave no room above the short row
    words = {
        "x": 0.5 + half + 0.02 if beside else 0.5,
        "y": top - ROW / 2 if beside else top,
        "xref": "paper",
        "yref": "paper",
        "xanchor": "left" if beside else "center",
        "yanchor": "middle" if beside else "bottom",
        "showarrow": False,
        "text": strip.title,
    }
    return axes, trace, words


def _funnel(share: float) -> list[dict[str, Any]]:
    """Lines from the ends of each row to those of the next."""
    wide, narrow = (0.0, 1.0), (0.5 - share / 2, 0.5 + share / 2)
    lines = []
    for row, (above, below) in enumerate(((wide, narrow), (narrow, wide))):
        upper = 1 - 0.06 - row * STEP - ROW
        for x0, x1 in zip(above, below, strict=True):
            lines.append(
                {
                    "type": "line",
                    "xref": "paper",
                    "yref": "paper",
                    "x0": x0,
                    "x1": x1,
                    "y0": upper,
                    "y1": upper - (STEP - ROW),
                    "line": {"color": theme.NEUTRAL, "width": 1, "dash": "dot"},
                }
            )
    return lines
