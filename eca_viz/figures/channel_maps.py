"""Feature maps of several channels side by side, over the image."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from eca_viz.figures import over_image, theme
from eca_viz.images.encoding import data_url
from eca_viz.locale.texts import listed, text, tr
from eca_viz.records import Floats, Pixels

COLUMNS = 3
ROW = 205
GAP = 0.02
CAPTION = text(
    "Look at where each map is far from zero (red above, blue below): edges, a colour, the sky. "
    "Each channel responds to another pattern, which its index does not say."
)


def channel_maps(seen: Pixels, maps: Mapping[int, Floats]) -> go.Figure:
    """The feature map of each channel, three in a row, all on one colour scale.

    Args:
        seen: The image as the network sees it, RGB (h, w, 3).
        maps: The map (H, W) of each channel by its index.

    Returns:
        A figure with a heat map for each channel.
    """
    rows = -(-len(maps) // COLUMNS)
    end = max(float(np.abs(values).max()) for values in maps.values()) or 1.0
    source = data_url(seen)
    layout: dict[str, Any] = {"images": [], "annotations": []}
    traces = []
    for place, (channel, values) in enumerate(maps.items()):
        row, column = divmod(place, COLUMNS)
        suffix = "" if place == 0 else str(place + 1)
        title = tr("channel {channel}", channel=channel)
        left, top = column / COLUMNS, 1 - row / rows
        layout["annotations"].append(over_image.label(left, top, title))
        across = (left, left + 1 / COLUMNS - GAP)
        layout |= over_image.axes(
            suffix, across, (max(0.0, top - over_image.SHARE / rows), top), seen
        )
        layout["images"].append(over_image.image(source, suffix, seen))
        look = {"coloraxis": "coloraxis", "hovertemplate": theme.hover(title, "%{z:.4f}")}
        traces.append(over_image.heat_map(values, suffix, seen) | look)
    height, width = next(iter(maps.values())).shape
    figure = theme.figure(
        height=ROW * rows + 50,
        caption=tr(CAPTION),
        alt=tr(
            "Maps of {height} × {width} values of the channels {channels}",
            height=height,
            width=width,
            channels=listed(map(str, maps)),
        ),
        coloraxis=over_image.scale(end, bar=True),
        **layout,
    )
    figure.add_traces(traces)
    return figure
