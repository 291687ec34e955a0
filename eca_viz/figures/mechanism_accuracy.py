"""Top-1 of some mechanisms, as the paper reports it and as measured here."""

from collections.abc import Sequence

import plotly.graph_objects as go

from eca_viz.figures import theme
from eca_viz.locale.texts import text, tr
from eca_viz.records import Summary

ROW = 52
CAPTION = text(
    "Look at the order in each half; the scales differ, since the networks and the images do. The "
    "paper's figures are one training each of ResNet-50 on ImageNet, ours the mean of several "
    "seeds of a small ResNet on ten classes, with their standard deviation: where two of our bars "
    "overlap, our measurement does not decide between them."
)


def mechanism_accuracy(
    labels: Sequence[str], paper: Sequence[float | None], ours: Sequence[Summary | None]
) -> go.Figure:
    """A dot a mechanism for the paper's top-1, and one with a bar for ours.

    Args:
        labels: Of the rows.
        paper: The paper's top-1 in per cent, None where it has none.
        ours: The summary of our runs, None where there are none.

    Returns:
        A figure with two traces.
    """
    rows = list(range(len(labels)))
    means = [None if one is None else 100 * one.top1 for one in ours]
    spreads = [None if one is None or one.spread is None else 100 * one.spread for one in ours]
    figure = theme.figure(
        height=110 + ROW * len(rows),
        caption=tr(CAPTION),
        alt=tr("Top-1 of each mechanism by the paper and as measured here"),
        xaxis={"domain": [0, 0.47], "title": {"text": tr("paper, top-1")}},
        xaxis2={
            "domain": [0.53, 1],
            "automargin": True,
            "zeroline": False,
            "title": {"text": tr("ours, top-1")},
        },
        yaxis={
            "tickvals": rows,
            "ticktext": [tr(label) for label in labels],
            "range": [len(rows) - 0.5, -0.5],
            "showgrid": True,
        },
    )
    figure.add_trace(_dots(rows, paper, "x", theme.ACCENT))
    bars = {"type": "data", "array": spreads, "thickness": 2, "width": 8}
    figure.add_trace(_dots(rows, means, "x2", theme.SECOND).update(error_x=bars))
    return figure


def _dots(
    rows: Sequence[int], values: Sequence[float | None], axis: str, colour: str
) -> go.Scatter:
    return go.Scatter(
        x=list(values),
        y=list(rows),
        xaxis=axis,
        mode="markers+text",
        text=["" if value is None else f"{value:.2f}" for value in values],
        textposition="top center",
        cliponaxis=False,
        marker={"size": 12, "color": colour},
        hovertemplate="%{x:.2f} %<extra></extra>",
    )
