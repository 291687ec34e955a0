"""Maps of channels over the image, blue where they are negative, red where they are positive."""

from typing import Any

from eca_viz.figures import theme
from eca_viz.records import Floats, Pixels

# What a map takes of the height of its row, with its label; small on a projector of 720 pixels.
SHARE = 0.83


def scale(end: float, *, bar: bool) -> dict[str, Any]:
    """A colour axis from -end to end, with a bar below the maps or without one."""
    return {
        "cmin": -end,
        "cmax": end,
        "colorscale": theme.signed_scale(),
        "showscale": bar,
        "colorbar": {"orientation": "h", "thickness": 10, "y": 0, "yanchor": "top"},
    }


def axes(
    suffix: str, across: tuple[float, float], up: tuple[float, float], seen: Pixels
) -> dict[str, dict[str, Any]]:
    """Two axes in pixels of the image.

    Args:
        suffix: Of their names: empty for the first two, then "2" and so on.
        across: The share of the figure's width that they may take.
        up: The share of its height.
        seen: The image, RGB (h, w, 3).

    Returns:
        Plotly's attributes by the name of the axis.
    """
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


def image(source: str, suffix: str, seen: Pixels) -> dict[str, Any]:
    """The image below a map.

    Args:
        source: Its pixels as a data URL.
        suffix: Of the axes.
        seen: The image, RGB (h, w, 3).

    Returns:
        Plotly's attributes.
    """
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


def heat_map(values: Floats, suffix: str, seen: Pixels) -> dict[str, Any]:
    """A map over the image, each value over its part of it.

    Args:
        values: The map (H, W).
        suffix: Of the axes.
        seen: The image, RGB (h, w, 3).

    Returns:
        Plotly's attributes of the trace.
    """
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


def label(x: float, y: float, words: str) -> dict[str, Any]:
    """Words above a map, at its left end.

    Args:
        x: Of their left end, as a share of the figure's width.
        y: Of their lower end, as a share of its height.
        words: The words.

    Returns:
        Plotly's attributes of the annotation.
    """
    return {
        "x": x,
        "y": y,
        "xref": "paper",
        "yref": "paper",
        "text": words,
        "showarrow": False,
        "xanchor": "left",
        "yanchor": "bottom",
    }
