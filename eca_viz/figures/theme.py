"""The look of every figure: the same quantity has the same colour and scale everywhere."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.basedatatypes import BaseTraceType
from plotly.colors import sample_colorscale

from eca_viz.locale.texts import text

# Readable with colour-vision deficiency; viridis is the scale of gates and of nothing else.
GATE_SCALE = "Viridis"
ACCENT = "#2a788e"
SECOND = "#d95f02"

SIGNED_STOPS = ("33,102,172", "67,147,195", "247,247,247", "214,96,77", "178,24,43")
# For things without an order, such as seeds; mid-tones, for light and for dark pages.
DISTINCT = ("#4c8bd6", "#b45fae", "#4f9d69", "#a8892c", "#c0504d", "#7a7a7a")
# From input to output; for light and for dark pages too.
DEPTH = ("#3b7dd8", "#8a63c8", "#c2559a", "#d3603f", "#b3791f")
# For matrices whose zeros are left blank: its middle shows on light and on dark pages.
ENTRY_SCALE = ((0.0, "rgb(33,102,172)"), (0.5, "rgb(146,146,146)"), (1.0, "rgb(196,48,56)"))
# The ends and the middle of that scale, for bars and areas below and above 0.
LOW, NEUTRAL, HIGH = (colour for _, colour in ENTRY_SCALE)
# Fonts with Chinese on Linux, Windows and macOS, for what stands before them has none.
CHINESE = (
    "Noto Sans CJK SC, Noto Sans SC, Microsoft YaHei, PingFang SC, WenQuanYi Micro Hei, "
    "Hiragino Sans GB"
)
FONT = f"Source Sans, Source Sans Pro, system-ui, {CHINESE}, sans-serif"
# That of pages outside the app.
PAGE_FONT = f"system-ui, {CHINESE}, sans-serif"

# The layout of a figure whose legend stands above its right end.
LEGEND_ABOVE: dict[str, Any] = {
    "showlegend": True,
    "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 1, "xanchor": "right"},
}

# Of one whose legend has many entries, which would cover the title on a small screen.
LEGEND_BELOW: dict[str, Any] = {
    "showlegend": True,
    "legend": {"orientation": "h", "y": -0.2, "yanchor": "top", "x": 0, "xanchor": "left"},
}

# Pixels of text on a projector, how much taller figures are there, and how much wider margins.
PROJECTED, TALLER, WIDER = 20, 1.25, 1.4

MARGIN = {"l": 8, "r": 8, "t": 36, "b": 8}

GATE = text("gate ω")
DESCRIPTOR = text("descriptor y")
CHANNEL = text("channel")


def figure(
    *traces: BaseTraceType, height: int, caption: str = "", alt: str = "", **layout: Any
) -> go.Figure:
    """A figure with the common layout and a transparent background.

    Plotly takes a layout as a whole in a tenth of the time that it takes to update one.

    Args:
        traces: Plotly's traces; more can be added.
        height: In pixels.
        caption: What to look for, and what the figure does not prove. Kept in `layout.meta`.
        alt: What the figure shows, for screen readers. Kept in `layout.meta`.
        layout: Plotly's layout attributes, added to the common ones.

    Returns:
        The figure; `drawn.caption_of` and `drawn.alt_of` read the two texts.
    """
    axis = {"automargin": True, "zeroline": False}
    common = {
        "height": height,
        "margin": MARGIN,
        "font": {"family": FONT, "size": 14},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "hoverlabel": {"font": {"size": 14}},
        "bargap": 0.15,
        "showlegend": False,
        "meta": {"caption": caption, "alt": alt},
    }
    axes = {name: {**axis, **layout.get(name, {})} for name in ("xaxis", "yaxis")}
    return go.Figure(traces, {**common, **layout, **axes})


def row_height(count: int) -> int:
    """Pixels for each of `count` rows: roomy for few, still readable for a hundred."""
    return max(14, min(34, 700 // max(count, 1)))


def title(words: str) -> dict[str, Any]:
    """A figure's title in its upper left corner."""
    return {
        "text": words,
        "x": 0,
        "xanchor": "left",
        "y": 1,
        "yanchor": "top",
        "pad": {"t": 8},
        "font": {"size": 16},
    }


def hover(*lines: str) -> str:
    """Plotly's template of what is shown on hovering, line by line, without the trace's name."""
    return "<br>".join(lines) + "<extra></extra>"


def by_sign(values: Iterable[float]) -> list[str]:
    """Red for what raises a logit, blue for what lowers it."""
    return [HIGH if value > 0 else LOW for value in values]


def marked(figure: go.Figure, words: str, x: float, y: float) -> go.Figure:
    """The figure with an arrow from a text to a point.

    Args:
        figure: Is changed.
        words: As for `arrow`, as are the others.
        x: Of the point.
        y: Of the point.

    Returns:
        The same figure.
    """
    return figure.add_annotation(arrow(words, x, y))


def arrow(words: str, x: float, y: float) -> dict[str, Any]:
    """An annotation: an arrow to a point from a text above it.

    Args:
        words: The text.
        x: Of the point.
        y: Of the point.

    Returns:
        Plotly's attributes of the annotation.
    """
    return {
        "x": x,
        "y": y,
        "text": words,
        "arrowcolor": SECOND,
        "arrowwidth": 2,
        "ax": 0,
        "ay": -28,
    }


def padding(place: float) -> dict[str, Any]:
    """A shade over a place of the zero padding, as high as the figure."""
    return {
        "type": "rect",
        "xref": "x",
        "yref": "paper",
        "x0": place - 0.5,
        "x1": place + 0.5,
        "y0": 0,
        "y1": 1,
        "line": {"color": "#888", "width": 1, "dash": "dot"},
        "fillcolor": "rgba(128,128,128,0.18)",
        "layer": "below",
    }


def signed_scale() -> list[tuple[float, str]]:
    """Blue over transparent to red, so that values near zero leave the image visible."""
    alphas = (0.95, 0.6, 0.0, 0.6, 0.95)
    positions = (0.0, 0.25, 0.5, 0.75, 1.0)
    return [
        (position, f"rgba({stop},{alpha})")
        for position, stop, alpha in zip(positions, SIGNED_STOPS, alphas, strict=True)
    ]


def unsigned_scale() -> list[tuple[float, str]]:
    """Cividis that fades in from transparent."""
    positions = np.linspace(0, 1, 6)
    colours = sample_colorscale("Cividis", list(positions))
    return [
        (
            float(position),
            colour.replace("rgb", "rgba").replace(")", f",{min(1.0, 1.4 * position):.2f})"),
        )
        for position, colour in zip(positions, colours, strict=True)
    ]


def enlarge(figure: go.Figure) -> go.Figure:
    """Makes all text of a figure readable from the back of a room, and the figure taller.

    Args:
        figure: Is changed.

    Returns:
        The same figure.
    """
    size = PROJECTED
    sides = ("l", "r", "t", "b")
    margin = {side: round(WIDER * (figure.layout.margin[side] or 0)) for side in sides}
    figure.update_layout(
        margin=margin,
        height=round(TALLER * figure.layout.height),
        font_size=size,
        title_font_size=size + 2,
        legend_font_size=size,
    )
    figure.update_xaxes(tickfont_size=size, title_font_size=size)
    figure.update_yaxes(tickfont_size=size, title_font_size=size)
    figure.update_annotations(font_size=size)
    bar = {"colorbar_tickfont_size": size, "colorbar_title_font_size": size}
    figure.update_coloraxes(**bar)
    figure.update_traces(**bar, selector={"type": "heatmap"})
    for kind in ("bar", "scatter", "waterfall", "heatmap"):
        figure.update_traces(textfont_size=size, selector={"type": kind})
    return figure


def along_depth(count: int) -> list[str]:
    """One colour for each layer from input to output, visible on light and on dark pages."""
    positions = np.linspace(0, 1, max(count, 1))[:count]
    colours: list[str] = sample_colorscale(list(DEPTH), list(positions))
    return colours
