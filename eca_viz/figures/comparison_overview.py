"""The weights of all layers of A less those of B."""

import numpy as np
import plotly.graph_objects as go

from eca_viz.analysis.comparison import SHARES, curves, limit
from eca_viz.figures import theme
from eca_viz.figures.rows import gap, rows, short
from eca_viz.records import Comparison, LayerPair


def comparison_overview(comparison: Comparison) -> go.Figure:
    """One row for each pair of layers, coloured by ω of A less ω of B on one scale.

    A cell is a channel where both layers have as many; otherwise the row holds the difference
    of the sorted weights, from the weakest to the strongest; its label then names two C.
    """
    pairs, end = comparison.pairs, limit(comparison)
    figure = rows(
        [pair_label(pair) for pair in pairs],
        title="ω of A − ω of B",
        span=(-end, end),
        colorscale=theme.ENTRY_SCALE,
    )
    for row, pair in enumerate(pairs):
        figure.add_trace(_row(pair, row, gap(len(pairs))))
    return figure


def pair_label(pair: LayerPair) -> str:
    """Both layers' names and channels, once where they are the same."""
    names = _once(short(pair.a.layer), short(pair.b.layer))
    return f"{names} · C {_once(str(pair.a.channels), str(pair.b.channels))}"


def _once(a: str, b: str) -> str:
    return a if a == b else f"{a} | {b}"


def _row(pair: LayerPair, row: int, between: int) -> go.Heatmap:
    a, b = curves(pair)
    places, where = 100 * SHARES, "weaker: %{customdata[0]:.0f} % of the channels"
    if pair.channelwise:
        places, where = np.arange(len(a), dtype=np.float64), "channel %{customdata[0]}"
    return go.Heatmap(
        z=(a - b)[None],
        x=(np.arange(len(a), dtype=np.float32) + 0.5) / len(a),
        y=[row],
        customdata=np.stack([places, a, b], axis=-1).astype(np.float32)[None],
        coloraxis="coloraxis",
        ygap=between,
        name=pair.title,
        hovertemplate=(
            f"{pair.title} · {where}<br>A: ω = %{{customdata[1]:.4f}}"
            "<br>B: ω = %{customdata[2]:.4f}<br>A − B = %{z:+.4f}<extra></extra>"
        ),
    )
