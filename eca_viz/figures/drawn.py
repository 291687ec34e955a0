"""A figure with its caption and its text for screen readers."""

from dataclasses import dataclass

import plotly.graph_objects as go


@dataclass(frozen=True, eq=False)
class Drawn:
    """A figure on the screen with its caption; `alt` says in words what it shows.

    `picture` is the SVG that the browser made of it.
    """

    key: str
    figure: go.Figure
    caption: str
    alt: str
    picture: str = ""
