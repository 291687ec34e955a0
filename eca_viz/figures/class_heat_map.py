"""Classes × channels of one layer: how far each class's mean gate is from that of all images."""

import numpy as np
import plotly.graph_objects as go

from eca_viz.analysis.statistics import between_classes
from eca_viz.figures import theme
from eca_viz.locale.texts import text, tr
from eca_viz.records import LayerStatistics

MOST_ROWS = 100
CAPTION = text(
    "Look at the left end: there are the channels whose gates differ most between classes (by η², "
    "the share of a gate's variance that lies between classes); red is above the mean of all "
    "images, blue below. A channel that tells classes apart need not matter for the prediction."
)


def _title(shown: int, there: int) -> str:
    if shown == there:
        return tr("Class mean less mean of all images")
    return tr("Class mean less mean of all images ({shown} of {n:,} classes)", shown=shown, n=there)


def class_heat_map(layer: LayerStatistics) -> go.Figure:
    """Mean gate of each class less that of all images; channels by η², the largest first.

    Of more than MOST_ROWS classes those that differ most from all images are drawn.
    """
    each, _ = between_classes(layer)
    order = np.argsort(-each, kind="stable")
    means = np.stack([one.mean for one in layer.classes.values()]) - layer.total.mean
    names = list(layer.classes)
    chosen = sorted(np.argsort(-np.abs(means).sum(1), kind="stable")[:MOST_ROWS])
    values = means[chosen][:, order]
    limit = float(np.abs(values).max()) or 1.0
    figure = theme.figure(
        height=120 + theme.row_height(len(chosen)) * len(chosen),
        title=theme.title(_title(len(chosen), len(names))),
        caption=tr(CAPTION),
        alt=tr(
            "How far the mean gates of classes in {layer} are from those of all images",
            layer=layer.layer,
        ),
        xaxis={"title": {"text": tr("channels by η², the largest first")}, "showgrid": False},
        yaxis={"autorange": "reversed", "showgrid": False, "type": "category"},
    )
    figure.add_trace(
        go.Heatmap(
            z=values.astype(np.float32),
            y=[tr(names[place]) for place in chosen],
            customdata=np.broadcast_to(
                np.stack([order, each[order]], axis=-1).astype(np.float32), (*values.shape, 2)
            ),
            zmin=-limit,
            zmax=limit,
            colorscale=[list(stop) for stop in theme.ENTRY_SCALE],
            colorbar={"title": {"text": "Δω"}, "thickness": 14},
            ygap=1,
            hovertemplate=theme.hover(
                "%{y}", tr("channel %{customdata[0]} (η² %{customdata[1]:.2f}): %{z:+.4f}")
            ),
        )
    )
    return figure
