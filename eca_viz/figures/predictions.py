"""Probabilities of classes: the best of one network, and all of several networks."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from eca_viz.figures import theme
from eca_viz.records import Explanation, Prediction

PREDICTIONS = (
    "Look at how far the first class is ahead of the second. A high probability does not mean that "
    "the class is right: the softmax spreads 1 over the network's own classes even where the image "
    "shows none of them."
)
NETWORKS = (
    "Look at where the networks disagree: there the image is hard for this small network. One "
    "image does not show which mechanism is better."
)


def predictions(best: Sequence[Prediction]) -> go.Figure:
    """Probability of each class, best on top."""
    figure = theme.figure(
        height=44 + 28 * len(best),
        title=theme.title("Probability"),
        caption=PREDICTIONS,
        alt=f"Probability of the {len(best)} best classes",
    )
    figure.add_trace(
        go.Bar(
            x=[p.probability for p in best],
            y=[p.label for p in best],
            orientation="h",
            marker_color=theme.ACCENT,
            text=[f"{p.probability:.1%}" for p in best],
            textposition="auto",
            hovertemplate="%{y}: %{x:.4f}<extra></extra>",
        )
    )
    figure.update_xaxes(range=[0, 1], visible=False)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure


def class_probabilities(titles: Sequence[str], explanations: Sequence[Explanation]) -> go.Figure:
    """Probability of each class, a row for each network; all have the same classes."""
    figure = theme.figure(
        height=120 + 30 * len(titles),
        title=theme.title("Predictions"),
        caption=NETWORKS,
        alt="Probability of each class, a row for each network",
    )
    figure.add_trace(
        go.Heatmap(
            z=np.stack([one.probabilities for one in explanations]),
            x=list(explanations[0].network.labels),
            y=list(titles),
            zmin=0,
            zmax=1,
            colorscale="Cividis",
            texttemplate="%{z:.0%}",
            colorbar={"title": {"text": "probability"}, "thickness": 14, "tickformat": ".0%"},
            xgap=2,
            ygap=2,
            hovertemplate="%{y}<br>%{x}: %{z:.4f}<extra></extra>",
        )
    )
    figure.update_xaxes(tickangle=-35, showgrid=False)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure
