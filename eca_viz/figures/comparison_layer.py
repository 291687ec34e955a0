"""One layer of A beside its counterpart in B."""

import numpy as np
import plotly.graph_objects as go

from eca_viz.analysis.comparison import SHARES, curves, difference
from eca_viz.figures import theme
from eca_viz.locale.texts import text, tr
from eca_viz.records import Floats, LayerPair

HEIGHT = 300
CHANNELWISE = text(
    "Look for channels far from 0. The axis is that of all layers, so a flat curve is a layer that "
    "hardly differs; that does not prove that it plays no part."
)
SORTED = text(
    "Look at whether one curve lies above the other: the layers differ in their number of "
    "channels, so no channel has a counterpart and the gates are sorted. Equal curves do not prove "
    "that the same features are let through."
)


def comparison_layer(pair: LayerPair) -> go.Figure:
    """Gate ω in A and in B over the channels, or sorted where the layers differ in size."""
    figure = _figure(
        pair, tr("Gates of A and B"), tr("Gates of {layer} in A and in B", layer=pair.title)
    )
    figure.update_layout(**theme.LEGEND_ABOVE)
    sides = (("A", theme.ACCENT), ("B", theme.SECOND))
    for (side, colour), weights in zip(sides, curves(pair), strict=True):
        figure.add_trace(_steps(pair, weights, side, colour))
    figure.update_yaxes(title=tr(theme.GATE))
    return _with_places(figure, pair)


def difference_layer(pair: LayerPair, end: float) -> go.Figure:
    """A − B of one pair, filled from 0; the axis ends at `end` on both sides.

    Where A is above B it is red, where below blue.
    """
    figure = _figure(pair, "A − B", tr("Gates of {layer} in A less those in B", layer=pair.title))
    values = difference(pair)
    for part, colour in ((np.minimum(values, 0), theme.LOW), (np.maximum(values, 0), theme.HIGH)):
        trace = _steps(pair, part, "A − B", colour)
        figure.add_trace(trace.update(fill="tozeroy", line_width=1))
    figure.update_yaxes(title=tr("ω of A − ω of B"), range=[-1.05 * end, 1.05 * end])
    return _with_places(figure, pair)


def _figure(pair: LayerPair, title: str, alt: str) -> go.Figure:
    caption = tr(CHANNELWISE if pair.channelwise else SORTED)
    return theme.figure(height=HEIGHT, title=theme.title(title), caption=caption, alt=alt)


def _steps(pair: LayerPair, values: Floats, name: str, colour: str) -> go.Scatter:
    """Steps from channel to channel; a line through quantiles."""
    where = tr("channel %{x}") if pair.channelwise else tr("smaller: %{x:.0%} of the channels")
    return go.Scatter(
        x=np.arange(len(values)) if pair.channelwise else SHARES,
        y=values,
        name=name,
        mode="lines",
        line={
            "shape": "hvh" if pair.channelwise else "linear",
            "width": 1.5,
            "color": colour,
        },
        hovertemplate=theme.hover(f"{name}, {where}: %{{y:.4f}}"),
    )


def _with_places(figure: go.Figure, pair: LayerPair) -> go.Figure:
    if pair.channelwise:
        return figure.update_xaxes(title=tr(theme.CHANNEL))
    return figure.update_xaxes(title=tr("share of channels with a smaller gate"), tickformat=".0%")
