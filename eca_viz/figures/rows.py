"""The base of figures that have a row for each layer and one colour scale for all rows."""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from eca_viz.figures import theme
from eca_viz.figures.words import columns
from eca_viz.locale.texts import tr

# What attention layers are called inside their blocks.
MODULES = ("eca", "se", "attn", "attention")


TOP = 84  # pixels, for the colour bar
FIRST_SCREEN = 425  # pixels of its height that are there for rows


def rows(
    labels: Sequence[str],
    *,
    title: str,
    span: tuple[float, float],
    colorscale: Any,
    caption: str = "",
    alt: str = "",
) -> go.Figure:
    """An empty figure with labelled rows from input to output, and its colour bar.

    Each row spans the full width: layers differ in their number of channels, so a cell's place
    is its share of the way from the first channel to the last. Heat maps take their colours
    from `coloraxis` and are put at y = 0, 1, …

    Args:
        labels: One for each row.
        title: That of the colour bar.
        span: Values at both ends of the colour scale.
        colorscale: Plotly's name of a colour scale, or its stops.
        caption: As in `theme.figure`.
        alt: As in `theme.figure`.

    Returns:
        The figure without a trace.
    """
    height = _height(len(labels))
    size = min(14, height - 3)
    return theme.figure(
        height=TOP + 40 + height * len(labels),
        caption=caption,
        alt=alt,
        coloraxis={
            "colorscale": colorscale,
            "cmin": span[0],
            "cmax": span[1],
            "colorbar": {
                "title": {"text": title, "side": "top"},
                "orientation": "h",
                "thickness": 10,
                "len": 0.5,
                "tickvals": [span[0], sum(span) / 2, span[1]],
                "tickformat": ".2~g",
                "tickangle": 0,
                "x": 1,
                "xanchor": "right",
                "y": 1,
                "yanchor": "bottom",
            },
        },
        # Fixed, since Plotly draws a figure again to fit its margins to its labels.
        margin={
            "l": 12 + max(map(columns, labels), default=0) * 0.56 * size,
            "r": 20,
            "t": TOP,
            "b": 40,
            "autoexpand": False,
        },
        xaxis={
            "range": [0, 1],
            "tickvals": [0, 0.25, 0.5, 0.75, 1],
            "ticktext": [tr("first"), "¼", "½", "¾", tr("last")],
            "showgrid": False,
            "tickangle": 0,
            "automargin": False,
        },
        # Numbers with texts: Plotly fails on heat maps that share an axis of categories.
        yaxis={
            "autorange": "reversed",
            "tickvals": list(range(len(labels))),
            "ticktext": list(labels),
            "tickfont": {"size": size},
            "showgrid": False,
            "automargin": False,
        },
    )


def short(layers: Sequence[str]) -> list[str]:
    """Layers' names without what rows have no room for.

    That is the name of the module in its block, and modules around the network that all share, as
    `backbone.body` of a detector's; a stage that all share is kept.
    """
    parts = [layer.split(".") for layer in layers]
    parts = [one[:-1] if len(one) > 1 and one[-1] in MODULES else one for one in parts]
    while all(len(one) > 2 and one[0] == parts[0][0] for one in parts) and not any(
        one[1][0].isdigit() for one in parts
    ):
        parts = [one[1:] for one in parts]
    return [".".join(one) for one in parts]


def gap(count: int) -> int:
    """Pixels between `count` rows."""
    return 5 if _height(count) > 20 else 2


def _height(count: int) -> int:
    """Pixels for each of `count` rows: up to 25 of them stay on the first screen."""
    return max(min(17, theme.row_height(count)), min(34, FIRST_SCREEN // max(count, 1)))
