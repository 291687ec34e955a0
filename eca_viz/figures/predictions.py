"""Probabilities of classes: the best of one network, and all of several networks."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from eca_viz.figures import theme
from eca_viz.locale.texts import text, tr
from eca_viz.records import Explanation, Prediction

PREDICTIONS = text(
    "Look at how far the first class is ahead of the second. A high probability does not mean that "
    "the class is right: the softmax spreads 1 over the network's own classes even where the image "
    "shows none of them."
)
NETWORKS = text(
    "Look at where the networks disagree: there the image is hard for this small network. One "
    "image does not show which mechanism is better."
)


def predictions(best: Sequence[Prediction]) -> go.Figure:
    """Probability of each class, best on top."""
    figure = theme.figure(
        height=44 + 28 * len(best),
        title=theme.title(tr("Probability")),
        caption=tr(PREDICTIONS),
        alt=tr("Probability of the {n} best classes", n=len(best)),
    )
    figure.add_trace(
        go.Bar(
            x=[p.probability for p in best],
            y=[tr(p.label) for p in best],
            orientation="h",
            marker_color=theme.ACCENT,
            text=[f"{p.probability:.1%}" for p in best],
            textposition="auto",
            hovertemplate=theme.hover("%{y}: %{x:.4f}"),
        )
    )
    figure.update_xaxes(range=[0, 1], visible=False)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure


def class_probabilities(titles: Sequence[str], explanations: Sequence[Explanation]) -> go.Figure:
    """Probability of each class, a row for each network; all have the same classes."""
    figure = theme.figure(
        height=120 + 30 * len(titles),
        title=theme.title(tr("Predictions")),
        caption=tr(NETWORKS),
        alt=tr("Probability of each class, a row for each network"),
    )
    figure.add_trace(
        go.Heatmap(
            z=np.stack([one.probabilities for one in explanations]),
            x=[tr(label) for label in explanations[0].network.labels],
            y=[tr(title) for title in titles],
            zmin=0,
            zmax=1,
            colorscale="Cividis",
            texttemplate="%{z:.0%}",
            colorbar={"title": {"text": tr("probability")}, "thickness": 14, "tickformat": ".0%"},
            xgap=2,
            ygap=2,
            hovertemplate=theme.hover("%{y}", "%{x}: %{z:.4f}"),
        )
    )
    figure.update_xaxes(tickangle=-35, showgrid=False)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure
