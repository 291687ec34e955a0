"""All attention layers of a network at once."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from eca_viz.analysis.attention import gate_range
from eca_viz.figures import theme
from eca_viz.figures.rows import gap, rows, short
from eca_viz.locale.texts import text, tr
from eca_viz.records import Floats, LayerAttention, ReferenceGates

GATES = text(
    "Look down the rows for layers whose gates differ between channels, and along a row for "
    "channels that stand out. A gate near 1 lets its channel through; that does not prove that the "
    "prediction depends on it."
)


def overview(
    attention: Sequence[LayerAttention],
    *,
    span: tuple[float, float] | None = None,
    mean_gates: ReferenceGates | None = None,
) -> go.Figure:
    """One row per layer from input to output, one cell per channel, coloured by gate ω.

    Args:
        attention: The layers, which share one colour scale.
        span: Both ends of that scale, by default the range of these layers' gates.
        mean_gates: Makes the colour gate ω less the channel's mean gate, around 0.

    Returns:
        A figure with a heat map for each layer.
    """
    values = [record.weights[0] for record in attention]
    look: dict[str, Any] = {
        "title": tr(theme.GATE),
        "colorscale": theme.GATE_SCALE,
        "caption": tr(GATES),
        "alt": tr("One row per attention layer, one cell per channel, coloured by its gate"),
    }
    if mean_gates is not None:
        values = [record.weights[0] - mean_gates.gates[record.layer] for record in attention]
        end = max(float(np.nan_to_num(np.abs(row)).max()) for row in values) or 1.0
        span = (-end, end)
        look |= {
            "title": tr("gate ω − mean gate"),
            "colorscale": theme.ENTRY_SCALE,
            "caption": tr(
                "Look for rows with colour: red gates are above their mean over {source}, blue "
                "ones below, grey ones at it. A gate far from its mean does not prove that the "
                "prediction depends on it.",
                source=tr(mean_gates.source),
            ),
        }
    figure = rows(
        row_labels(attention),
        span=span or gate_range(attention),
        **look,
    )
    for row, (record, cells) in enumerate(zip(attention, values, strict=True)):
        figure.add_trace(_row(record, cells, row, gap(len(attention))))
    return figure


def framed(
    figure: go.Figure, attention: Sequence[LayerAttention], picked: LayerAttention, channel: int
) -> go.Figure:
    """Puts a frame around the cell of one channel.

    Args:
        figure: The overview, which is changed.
        attention: Its layers.
        picked: The channel's layer.
        channel: Index of the channel.

    Returns:
        The same figure.
    """
    row = next(place for place, record in enumerate(attention) if record.layer == picked.layer)
    frame = {
        "type": "rect",
        "x0": channel / picked.channels,
        "x1": (channel + 1) / picked.channels,
        "y0": row - 0.5,
        "y1": row + 0.5,
        "line": {"color": theme.SECOND, "width": 3},
    }
    figure.layout.shapes = [frame]
    return figure


def row_labels(attention: Sequence[LayerAttention]) -> list[str]:
    """Layer, C, and k or the reduction ratio r of each row."""
    names = short([record.layer for record in attention])
    return [f"{name} · {_size(record)}" for name, record in zip(names, attention, strict=True)]


def _size(record: LayerAttention) -> str:
    size = "" if record.kernel_size is None else f" · k {record.kernel_size}"
    if record.reduction is not None:
        size = f" · r {record.reduction:.3g}"
    return f"C {record.channels}{size}"


def _row(record: LayerAttention, cells: Floats, row: int, between: int) -> go.Heatmap:
    count = record.channels
    ranks = np.empty(count, dtype=int)
    ranks[np.argsort(-record.weights[0], kind="stable")] = np.arange(1, count + 1)
    details = np.stack(
        [
            np.arange(count),
            record.descriptor[0],
            record.logits[0],
            ranks,
            record.weights[0],
        ],
        axis=-1,
    ).astype(np.float32)
    return go.Heatmap(
        z=cells[None],
        x=(np.arange(count, dtype=np.float32) + 0.5) / count,
        y=[row],
        customdata=details[None],
        coloraxis="coloraxis",
        ygap=between,
        name=record.layer,
        hovertemplate=theme.hover(
            f"{record.layer} · " + tr("channel %{customdata[0]}"),
            "y = %{customdata[1]:.4f}",
            "z = %{customdata[2]:.4f}",
            "ω = %{customdata[4]:.4f}",
            tr("rank %{{customdata[3]}} of {n}", n=count),
        ),
    )
