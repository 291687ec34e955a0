"""The gates of classes in one layer, as the SE and ECA papers draw them."""

from collections.abc import Sequence
from itertools import cycle

import numpy as np
import plotly.graph_objects as go

from eca_viz.figures import theme
from eca_viz.locale.texts import text, tr
from eca_viz.records import GateDistribution, LayerStatistics

HEIGHT = 400
CAPTION = text(
    "Look at where the lines of classes part: there the layer's gates depend on what is in the "
    "image. The band is one standard deviation around the mean of all images. Lines that part do "
    "not prove that the network uses the difference; the tab on accuracy measures that."
)


def class_gates(layer: LayerStatistics, classes: Sequence[str]) -> go.Figure:
    """Mean gate ω of every channel, a line for each class and one for all images.

    Args:
        layer: The layer's statistics.
        classes: Names of the classes that are drawn.

    Returns:
        The figure: the band, all images, and a trace for each class.
    """
    figure = theme.figure(
        height=HEIGHT,
        title=theme.title(tr("Mean gates of classes in {layer}", layer=layer.layer)),
        caption=tr(CAPTION),
        alt=tr(
            "Mean gate of each channel of {layer} for {n} classes",
            layer=layer.layer,
            n=len(classes),
        ),
        xaxis={"title": {"text": tr(theme.CHANNEL)}},
        yaxis={"title": {"text": tr(theme.GATE)}},
        **theme.LEGEND_BELOW,
    )
    total = layer.total
    places = np.arange(layer.channels)
    figure.add_trace(
        go.Scatter(
            x=np.concatenate([places, places[::-1]]),
            y=np.concatenate([total.mean + total.sd, (total.mean - total.sd)[::-1]]).astype(
                np.float32
            ),
            fill="toself",
            fillcolor="rgba(128,128,128,0.25)",
            line={"width": 0},
            hoverinfo="skip",
            name=tr("all ± sd"),
        )
    )
    figure.add_trace(_line(tr("all images"), total, "#888"))
    for name, colour in zip(classes, cycle(theme.DISTINCT), strict=False):
        figure.add_trace(_line(tr(name), layer.classes[name], colour))
    return figure


def _line(name: str, found: GateDistribution, colour: str) -> go.Scatter:
    return go.Scatter(
        x=np.arange(len(found.mean)),
        y=found.mean.astype(np.float32),
        customdata=found.sd.astype(np.float32),
        mode="lines",
        line={"width": 1.5, "color": colour},
        name=name,
        hovertemplate=theme.hover(
            tr("{name}, {n:,} images", name=name, n=found.count),
            tr("channel %{x}: ω = %{y:.4f} ± %{customdata:.4f}"),
        ),
    )
