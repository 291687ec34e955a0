"""Feature maps before and behind the gate, over the image, on one colour scale."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from eca_viz.figures import theme
from eca_viz.images.encoding import data_url
from eca_viz.records import FeatureMaps, Floats, LayerAttention, Pixels

ROW = 250
HALVES = ((0.0, 0.485), (0.515, 1.0))
CAPTION = (
    "Look at what the places have in common where the map is far from zero; on the right is the "
    "same map times gate ω, on the same colours. A map shows where the channel responds, not how "
    "the network uses it."
)
COLUMNS = ("before the gate", "behind the gate")


def feature_maps(
    seen: Pixels,
    maps: FeatureMaps,
    record: LayerAttention,
    channels: Mapping[str, int],
    *,
    shared: bool = True,
) -> go.Figure:
    """A row for each of some channels: its feature map before the gate, and behind it.

    Values go from blue (negative) to red (positive); those near zero leave the image visible.

    Args:
        seen: The image as the network sees it, RGB (h, w, 3).
        maps: What goes into an attention layer.
        record: What that layer computed.
        channels: Index of each channel by the title of its row.
        shared: Whether all maps are on one scale, or only the two of a row.

    Returns:
        A figure with two heat maps for each channel.
    """
    weights = record.weights[0]
    ends = {name: float(np.abs(maps.before[index]).max()) for name, index in channels.items()}
    source = data_url(seen)
    layout: dict[str, Any] = {"images": [], "annotations": []}
    traces = []
    step = 1 / len(channels)
    for row, (name, index) in enumerate(channels.items()):
        top = 1 - row * step
        end = (max(ends.values()) if shared else ends[name]) or 1.0
        scale = "coloraxis" if shared or row == 0 else f"coloraxis{row + 1}"
        layout[scale] = _scale(end, bar=shared)
        layout["annotations"] += [
            _text(0, top, f"{name} · channel {index}" + ("" if shared else f" · ±{end:.3g}")),
            _text(HALVES[1][0], top, f"× ω = {weights[index]:.4f}"),
        ]
        for column, values in enumerate((maps.before[index], maps.before[index] * weights[index])):
            number = 2 * row + column + 1
            suffix = "" if number == 1 else str(number)
            layout |= _axes(suffix, HALVES[column], (max(0.0, top - 0.88 * step), top), seen)
            layout["images"].append(_image(source, suffix, seen))
            hover = f"channel {index}, {COLUMNS[column]}<br>%{{z:.4f}}<extra></extra>"
            traces.append(_map(values, suffix, seen) | {"coloraxis": scale, "hovertemplate": hover})
    figure = theme.figure(
        height=ROW * len(channels) + 60,
        caption=CAPTION,
        alt=f"Feature maps of the {', '.join(channels)} channel before and behind the gate",
        **layout,
    )
    figure.add_traces(traces)
    return figure


def _scale(end: float, *, bar: bool) -> dict[str, Any]:
    return {
        "cmin": -end,
        "cmax": end,
        "colorscale": theme.signed_scale(),
        "showscale": bar,
        "colorbar": {"orientation": "h", "thickness": 10, "y": 0, "yanchor": "top"},
    }


def _text(x: float, y: float, text: str) -> dict[str, Any]:
    return {
        "x": x,
        "y": y,
        "xref": "paper",
        "yref": "paper",
        "text": text,
        "showarrow": False,
        "xanchor": "left",
        "yanchor": "bottom",
    }


def _axes(
    suffix: str, across: tuple[float, float], up: tuple[float, float], seen: Pixels
) -> dict[str, dict[str, Any]]:
    height, width = seen.shape[:2]
    hidden = {"visible": False, "constrain": "domain"}
    return {
        f"xaxis{suffix}": {
            **hidden,
            "domain": across,
            "range": [0, width],
            "anchor": f"y{suffix}",
            "constraintoward": "left",
        },
        f"yaxis{suffix}": {
            **hidden,
            "domain": up,
            "range": [height, 0],
            "anchor": f"x{suffix}",
            "scaleanchor": f"x{suffix}",
            "constraintoward": "top",
        },
    }


def _image(source: str, suffix: str, seen: Pixels) -> dict[str, Any]:
    height, width = seen.shape[:2]
    return {
        "source": source,
        "xref": f"x{suffix}",
        "yref": f"y{suffix}",
        "x": 0,
        "y": 0,
        "sizex": width,
        "sizey": height,
        "sizing": "stretch",
        "layer": "below",
    }


def _map(values: Floats, suffix: str, seen: Pixels) -> dict[str, Any]:
    """Each value covers its part of the image."""
    across, down = seen.shape[1] / values.shape[1], seen.shape[0] / values.shape[0]
    return {
        "type": "heatmap",
        "z": values,
        "x0": across / 2,
        "dx": across,
        "y0": down / 2,
        "dy": down,
        "xaxis": f"x{suffix}",
        "yaxis": f"y{suffix}",
    }
