"""What several networks say of one photograph."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from eca_viz.figures import theme
from eca_viz.records.explanation import Explanation


def votes(titles: Sequence[str], explanations: Sequence[Explanation]) -> go.Figure:
    """Probability of each class, a row for each network; all know the same classes."""
    figure = theme.figure(height=120 + 30 * len(titles), title=theme.title("Predictions"))
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
