"""Insertion and deletion curves of several saliency maps."""

from typing import Literal

import plotly.graph_objects as go

from eca_viz.figures import theme
from eca_viz.locale.texts import text, tr
from eca_viz.records import Scorecard

CAPTION = text(
    "Look at how far a map's line is from that of the random baseline (dashed): above it for "
    "insertion, below it for deletion. One image does not show which method is better, and a good "
    "score does not prove that the network uses the pixels as the map shows."
)
TITLES = {
    "insertion": text("Insertion: higher is better"),
    "deletion": text("Deletion: lower is better"),
}
AXES = {
    "insertion": text("share of the pixels put back"),
    "deletion": text("share of the pixels painted over"),
}
RANDOM = "#7a7a7a"
COLOURS = tuple(colour for colour in theme.DISTINCT if colour != RANDOM)
DASHES = ("solid", "dot", "dashdot")


def _alt(label: str, kind: Literal["insertion", "deletion"]) -> str:
    if kind == "insertion":
        return tr(
            "Probability of {label} over the share of the pixels put back, a line for each map",
            label=label,
        )
    return tr(
        "Probability of {label} over the share of the pixels painted over, a line for each map",
        label=label,
    )


def score_curves(scorecard: Scorecard, kind: Literal["insertion", "deletion"]) -> go.Figure:
    """Probability of the class over the share of the pixels, a line for each map.

    The random baseline, which is the last, is grey and dashed.
    """
    label = tr(scorecard.target.label)
    figure = theme.figure(
        height=380,
        title=theme.title(tr(TITLES[kind])),
        caption=tr(CAPTION),
        alt=_alt(label, kind),
    )
    last = len(scorecard.scores) - 1
    for number, score in enumerate(scorecard.scores):
        values = score.insertion if kind == "insertion" else score.deletion
        group, place = divmod(number, len(COLOURS))
        random = {"color": RANDOM, "dash": "dash"}
        own = {"color": COLOURS[place], "dash": DASHES[group % len(DASHES)]}
        figure.add_trace(
            go.Scatter(
                x=scorecard.shares,
                y=values,
                name=tr(score.title),
                mode="lines",
                line={"width": 2, **(random if number == last else own)},
                hovertemplate=tr("%{x:.0%} of the pixels: %{y:.1%}")
                + "<extra>%{fullData.name}</extra>",
            )
        )
    figure.update_layout(
        showlegend=True, legend={"orientation": "h", "y": -0.22, "yanchor": "top", "x": 0}
    )
    figure.update_xaxes(title=tr(AXES[kind]), tickformat=".0%", range=[0, 1])
    figure.update_yaxes(
        title=tr("probability of {label}", label=label), tickformat=".0%", rangemode="tozero"
    )
    return figure
