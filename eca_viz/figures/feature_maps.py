"""Feature maps before and behind the gate, over the image, on one colour scale."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from eca_viz.figures import over_image, theme
from eca_viz.images.encoding import data_url
from eca_viz.locale.texts import listed, text, tr
from eca_viz.records import Floats, LayerAttention, Pixels, flat_map

ROW = 250
HALVES = ((0.0, 0.485), (0.515, 1.0))
CAPTION = text(
    "Look at what the places have in common where the map is far from zero; on the right is the "
    "same map times gate ω, on the same colours. A map shows where the channel responds, not how "
    "the network uses it."
)


def feature_maps(
    seen: Pixels,
    before: Mapping[int, Floats] | Floats,
    record: LayerAttention,
    channels: Mapping[str, int],
    *,
    shared: bool = True,
) -> go.Figure:
    """A row for each of some channels: its feature map before the gate, and behind it.

    Values go from blue (negative) to red (positive); those near zero leave the image visible.

    Args:
        seen: The image as the network sees it, RGB (h, w, 3).
        before: What goes into an attention layer: the map (H, W) of each channel by its index, or
            an array (C, H, W).
        record: What that layer computed.
        channels: Index of each channel by the title of its row.
        shared: Whether all maps are on one scale, or only the two of a row.

    Returns:
        A figure with two heat maps for each channel.
    """
    weights = record.weights[0]
    maps = {index: flat_map(before[index]) for index in channels.values()}
    ends = {name: float(np.abs(maps[index]).max()) for name, index in channels.items()}
    source = data_url(seen)
    layout: dict[str, Any] = {"images": [], "annotations": []}
    traces = []
    step = 1 / len(channels)
    for row, (name, index) in enumerate(channels.items()):
        top = 1 - row * step
        end = (max(ends.values()) if shared else ends[name]) or 1.0
        scale = "coloraxis" if shared or row == 0 else f"coloraxis{row + 1}"
        layout[scale] = over_image.scale(end, bar=shared)
        number, own = tr("channel {channel}", channel=index), [] if shared else [f"±{end:.3g}"]
        layout["annotations"] += [
            over_image.label(0, top, " · ".join([tr(name), number, *own])),
            over_image.label(HALVES[1][0], top, f"× ω = {weights[index]:.4f}"),
        ]
        for column, values in enumerate((maps[index], maps[index] * weights[index])):
            place = 2 * row + column + 1
            suffix = "" if place == 1 else str(place)
            layout |= over_image.axes(
                suffix, HALVES[column], (max(0.0, top - over_image.SHARE * step), top), seen
            )
            layout["images"].append(over_image.image(source, suffix, seen))
            side = tr("channel {channel}, before the gate", channel=index)
            if column == 1:
                side = tr("channel {channel}, behind the gate", channel=index)
            look = {"coloraxis": scale, "hovertemplate": theme.hover(side, "%{z:.4f}")}
            traces.append(over_image.heat_map(values, suffix, seen) | look)
    figure = theme.figure(
        height=ROW * len(channels) + 60,
        caption=tr(CAPTION),
        alt=tr(
            "Feature maps of the {names} channel before and behind the gate",
            names=listed(channels),
        ),
        **layout,
    )
    figure.add_traces(traces)
    return figure
