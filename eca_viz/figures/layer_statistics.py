"""Each layer over many images: variance between classes, and saturation."""

from collections.abc import Sequence

import plotly.graph_objects as go

from eca_viz.analysis.statistics import between_classes, saturation
from eca_viz.figures import theme
from eca_viz.figures.rows import short
from eca_viz.locale.texts import text, tr
from eca_viz.records import NEAR, LayerStatistics

HEIGHT = 300
VARIANCE = text(
    "Look at whether the bars grow to the right: then gates of late layers depend on the class, "
    "those of early ones on other things. A short bar does not prove that a layer's gates are "
    "constant; they may vary within classes."
)
SATURATION = text(
    "Look for a bar that is nearly all of one colour (near means within {near:g}): such a layer "
    "multiplies by nearly the same number for every image and channel, which the batch norm before "
    "it could do. That does not prove that it can be left out of this network as it is.",
    near=NEAR,
)


def variance_between_classes(layers: Sequence[LayerStatistics]) -> go.Figure:
    """η² of each layer, from input to output."""
    figure = theme.figure(
        height=HEIGHT,
        title=theme.title(tr("Share of the gates' variance between classes")),
        caption=tr(VARIANCE),
        alt=tr("Share of the variance of gates that lies between classes, for each layer"),
        yaxis={"title": {"text": "η²"}, "range": [0, 1]},
    )
    figure.add_trace(
        go.Bar(
            x=short([layer.layer for layer in layers]),
            y=[between_classes(layer)[1] for layer in layers],
            marker_color=theme.ACCENT,
            hovertemplate="%{x}: η² = %{y:.3f}<extra></extra>",
        )
    )
    return figure


def saturation_of_layers(layers: Sequence[LayerStatistics]) -> go.Figure:
    """Shares of each layer's gates near 0, ½ and 1, and elsewhere."""
    figure = theme.figure(
        height=HEIGHT,
        title=theme.title(tr("Where gates lie")),
        caption=tr(SATURATION),
        alt=tr("Shares of each layer's gates near 0, one half and 1"),
        yaxis={"title": {"text": tr("share of gates")}, "range": [0, 1]},
        barmode="stack",
        **theme.LEGEND_BELOW,
    )
    found = [saturation(layer) for layer in layers]
    shares = {
        tr("near 0"): ([one.zero for one in found], theme.DISTINCT[1]),
        tr("near ½"): ([one.half for one in found], theme.ACCENT),
        tr("near 1"): ([one.one for one in found], theme.DISTINCT[3]),
        tr("elsewhere"): ([1 - one.zero - one.half - one.one for one in found], theme.NEUTRAL),
    }
    for name, (values, colour) in shares.items():
        figure.add_trace(
            go.Bar(
                x=short([layer.layer for layer in layers]),
                y=values,
                name=name,
                marker_color=colour,
                hovertemplate=theme.hover(f"%{{x}}: %{{y:.1%}} {name}"),
            )
        )
    return figure
