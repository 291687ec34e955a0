"""The ablation's runs: the accuracy of each as a dot, and the mean of each mechanism."""

from collections.abc import Mapping, Sequence
from itertools import cycle

import plotly.graph_objects as go

from eca_viz.analysis.ablation import REFERENCE, summarise
from eca_viz.figures import theme
from eca_viz.locale.texts import text, tr
from eca_viz.records import Row, Summary

EQ_12 = text("Eq. 12")
ACCURACIES = text(
    "Look at how far the dots of one row are apart before comparing the means: where they are as "
    "far apart as the means of two rows, the seed decides as much as the mechanism. Ten easy "
    "classes and a small network do not prove the paper's order wrong or right."
)
KERNEL_SWEEP = text(
    "Look at how far apart the dots of one k are before comparing the means. The best k here is "
    "that of this small network and these few runs, not of others."
)


def accuracies(rows: Sequence[Row], titles: Mapping[str, str]) -> go.Figure:
    """Top-1 of every run, a row for each mechanism of `titles`; a seed has one colour."""
    shown = [row for row in rows if row.mechanism in titles]
    titles = {name: tr(title) for name, title in titles.items()}
    figure = theme.figure(
        height=110 + 34 * len(titles),
        title=theme.title(tr("Top-1 of every run")),
        caption=tr(ACCURACIES),
        alt=tr("Top-1 of every run, a row for each mechanism"),
    )
    figure.update_layout(theme.LEGEND_ABOVE)
    seeds = sorted({row.seed for row in shown})
    for seed, colour in zip(seeds, cycle(theme.DISTINCT), strict=False):
        runs = {row.mechanism: row for row in shown if row.seed == seed}
        names = [name for name in titles if name in runs]
        figure.add_trace(
            go.Scatter(
                x=[100 * runs[name].top1 for name in names],
                y=[titles[name] for name in names],
                name=tr("seed {seed}", seed=seed),
                mode="markers",
                marker={"size": 9, "color": colour},
                hovertemplate=theme.hover(tr("%{{y}}, seed {seed}: %{{x:.2f}} %", seed=seed)),
            )
        )
    means = {one.mechanism: one for one in summarise(shown)}
    figure.add_trace(
        go.Scatter(
            x=[100 * means[name].top1 for name in titles if name in means],
            y=[titles[name] for name in titles if name in means],
            name=tr("mean"),
            mode="markers",
            marker={"symbol": "line-ns", "size": 20, "line": {"width": 3, "color": theme.SECOND}},
            customdata=[means[name].runs for name in titles if name in means],
            hovertemplate=theme.hover(tr("%{y}: mean %{x:.2f} % of %{customdata} runs")),
        )
    )
    figure.update_xaxes(title=tr("top-1 in %"))
    figure.update_yaxes(
        autorange="reversed", categoryorder="array", categoryarray=list(titles.values())
    )
    return figure


def kernel_sweep(rows: Sequence[Row], kernels: Mapping[str, int]) -> go.Figure:
    """Top-1 over k where every layer has the same, and by Eq. 12, as in the paper's Figure 4.

    `kernels` gives k by the mechanism's name.
    """
    figure = theme.figure(
        height=340,
        title=theme.title(tr("Top-1 over the kernel size")),
        caption=tr(KERNEL_SWEEP),
        alt=tr("Top-1 of every run over the kernel size"),
    )
    places = {name: str(k) for name, k in kernels.items()} | {REFERENCE: tr(EQ_12)}
    shown = [row for row in rows if row.mechanism in places]
    figure.add_trace(
        go.Scatter(
            x=[places[row.mechanism] for row in shown],
            y=[100 * row.top1 for row in shown],
            mode="markers",
            marker={"size": 9, "color": theme.ACCENT, "opacity": 0.8},
            customdata=[row.seed for row in shown],
            hovertemplate=theme.hover(tr("k: %{x}, seed %{customdata}: %{y:.2f} %")),
        )
    )
    means = {one.mechanism: one for one in summarise(shown)}
    ordered = [means[name] for name in places if name in means]
    figure.add_trace(_means([places[one.mechanism] for one in ordered], ordered))
    figure.update_xaxes(
        title=tr("k in every layer"),
        type="category",
        categoryorder="array",
        categoryarray=list(places.values()),
    )
    figure.update_yaxes(title=tr("top-1 in %"))
    return figure


def _means(places: Sequence[str], summaries: Sequence[Summary]) -> go.Scatter:
    return go.Scatter(
        x=list(places),
        y=[100 * one.top1 for one in summaries],
        mode="markers",
        marker={"symbol": "line-ew", "size": 34, "line": {"width": 3, "color": theme.SECOND}},
        customdata=[one.runs for one in summaries],
        hovertemplate=theme.hover(tr("k: %{x}, mean %{y:.2f} % of %{customdata} runs")),
    )
