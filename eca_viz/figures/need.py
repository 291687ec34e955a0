"""Accuracy over many images with changed gates, and with fewer channels."""

from itertools import cycle

import plotly.graph_objects as go

from eca_viz.analysis.need import TITLES
from eca_viz.figures import theme
from eca_viz.locale.texts import text, tr
from eca_viz.records import ConditionResult, FolderAccuracy
from eca_viz.records.base import EVERYWHERE
from eca_viz.records.need import AT_RANDOM

NEED = text(
    "Look at whether an interval reaches the dashed line, the accuracy with the gates as they are. "
    "Mean gates leave nothing of the image in the gates; ones take attention out. The network was "
    "trained with its gates: what it loses without them is not what another network would lack."
)
PRUNING = text(
    "Look at how far right a curve stays up: so many channels of every layer can be zero. Where "
    "the order by mean gate falls no later than a random one, a small gate does not mean a channel "
    "that can be left out. Nothing is trained again after channels are set to zero."
)


def attention_need(found: FolderAccuracy) -> go.Figure:
    """Top-1 with its 95 % interval for each change of the gates, everywhere and in each stage."""
    places = [EVERYWHERE, *found.stages]
    kinds = [kind for kind in TITLES if any(one.kind == kind for one in found.conditions[1:])]
    figure = theme.figure(
        height=140 + 62 * len(places),
        title=theme.title(tr("Top-1 with changed gates")),
        caption=tr(NEED),
        alt=tr("Top-1 accuracy with changed gates, in all layers and in each stage"),
        xaxis={"title": {"text": tr("top-1 in %")}},
        yaxis={
            "tickvals": list(range(len(places))),
            "ticktext": [tr("all layers"), *found.stages],
            "autorange": "reversed",
        },
        **theme.LEGEND_BELOW,
    )
    for number, (kind, colour) in enumerate(zip(kinds, cycle(theme.DISTINCT), strict=False)):
        shown = [one for one in found.conditions if one.kind == kind]
        shift = 0.7 * ((number + 0.5) / len(kinds) - 0.5)
        figure.add_trace(_dots(shown, [places.index(o.where) + shift for o in shown], kind, colour))
    unchanged = 100 * found.unchanged.top1
    figure.add_vline(unchanged, line={"color": theme.SECOND, "width": 1.5, "dash": "dash"})
    return figure


def _dots(shown: list[ConditionResult], heights: list[float], kind: str, colour: str) -> go.Scatter:
    # Translators: in all layers, where else the name of a stage stands.
    everywhere, title = tr("all"), tr(TITLES[kind])
    return go.Scatter(
        x=[100 * one.top1 for one in shown],
        y=heights,
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [100 * (one.high - one.top1) for one in shown],
            "arrayminus": [100 * (one.top1 - one.low) for one in shown],
            "thickness": 1.5,
            "width": 3,
        },
        customdata=[
            [
                everywhere if one.where == EVERYWHERE else one.where,
                one.p_value,
                one.lost,
                one.won,
            ]
            for one in shown
        ],
        mode="markers",
        marker={"size": 8, "color": colour},
        name=title,
        hovertemplate=theme.hover(
            f"{title}, %{{customdata[0]}}: %{{x:.2f}} %",
            tr(
                "%{customdata[2]} images lost, %{customdata[3]} won, "
                "McNemar p = %{customdata[1]:.2g}"
            ),
        ),
    )


def _title(order: str) -> str:
    """What the order is called in which channels are set to zero."""
    if order.startswith(AT_RANDOM):
        return tr("random {seed}", seed=order.removeprefix(AT_RANDOM).strip())
    return tr(order)


def pruning(found: FolderAccuracy) -> go.Figure:
    """Top-1 against the share of each layer's channels that is zero, a curve for each order."""
    figure = theme.figure(
        height=400,
        title=theme.title(tr("Top-1 with channels set to zero")),
        caption=tr(PRUNING),
        alt=tr("Top-1 accuracy against the share of channels set to zero"),
        xaxis={"title": {"text": tr("channels set to zero in every layer, %")}},
        yaxis={"title": {"text": tr("top-1 in %")}},
        **theme.LEGEND_BELOW,
    )
    orders = list(dict.fromkeys(one.kind for one in found.conditions[1:]))
    colours = iter((theme.ACCENT, theme.SECOND))
    for order in orders:
        shown = [found.unchanged, *(one for one in found.conditions if one.kind == order)]
        random, name = order.startswith(AT_RANDOM), _title(order)
        figure.add_trace(
            go.Scatter(
                x=[100 * one.share for one in shown],
                y=[100 * one.top1 for one in shown],
                mode="lines+markers",
                line={
                    "color": theme.NEUTRAL if random else next(colours),
                    "dash": "dot" if random else "solid",
                    "width": 1.5 if random else 2.5,
                },
                name=name,
                hovertemplate=theme.hover(
                    tr("{order}, %{{x:.0f}} %: top-1 %{{y:.2f}} %", order=name)
                ),
            )
        )
    return figure
