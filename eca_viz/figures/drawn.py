"""A figure's caption and its text for screen readers, which travel with it."""

from dataclasses import dataclass

import plotly.graph_objects as go


def caption_of(figure: go.Figure) -> str:
    """What to look for in a figure, and what it does not prove; empty where it has no caption."""
    return str(figure.layout.meta["caption"])


def alt_of(figure: go.Figure) -> str:
    """What a figure shows, for screen readers."""
    return str(figure.layout.meta["alt"])


def described(
    figure: go.Figure, *, caption: str | None = None, alt: str | None = None
) -> go.Figure:
    """Changes the texts of a figure.

    Args:
        figure: One of `eca_viz.figures`.
        caption: The new caption; None keeps the figure's own.
        alt: The new text for screen readers; None keeps the figure's own.

    Returns:
        The same figure.
    """
    given = {"caption": caption, "alt": alt}
    new = {name: words for name, words in given.items() if words is not None}
    return figure.update_layout(meta={**figure.layout.meta, **new})


@dataclass(frozen=True, eq=False)
class Drawn:
    """A figure on the screen; `svg` is the image that the browser made of it."""

    key: str
    figure: go.Figure
    svg: str = ""
