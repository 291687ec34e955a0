"""The best predictions as bars."""

from collections.abc import Sequence

import plotly.graph_objects as go

from eca_viz.figures import theme
from eca_viz.records.explanation import Prediction


def predictions(best: Sequence[Prediction]) -> go.Figure:
    """Probability of each class, best on top."""
    figure = theme.figure(height=60 + 38 * len(best))
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
    figure.update_xaxes(range=[0, 1], tickformat=".0%", title="probability")
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure
