"""The gates of all layers of A less those of B."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from eca_viz.analysis.comparison import SHARES, curves, limit
from eca_viz.figures import theme
from eca_viz.figures.comparison_predictions import sides
from eca_viz.figures.rows import gap, rows, short
from eca_viz.locale.texts import text, tr
from eca_viz.records import Comparison, LayerPair

CAPTION = text(
    "Look for layers that differ at all: red gates are larger in A, blue ones in B. A row with two "
    "C compares sorted gates, smallest first. A gate that differs does not prove that the "
    "predictions differ because of it."
)
CHANGED = text(
    "Look at the layers behind the changed ones as well: their descriptors change, so their gates "
    "change too. Gates that move much do not prove that the prediction does."
)


def comparison_overview(comparison: Comparison, *, changed_gates: bool = False) -> go.Figure:
    """One row for each pair of layers, coloured by gate ω of A less gate ω of B on one scale.

    A cell is a channel where both layers have the same number of channels; otherwise the row
    holds the difference of the sorted gates, smallest first, and its label names two C.
    With `changed_gates` A is B after a change of its gates, and they are called so.
    """
    after, before = sides(changed_gates=changed_gates)
    pairs, end = comparison.pairs, limit(comparison)
    figure = rows(
        pair_labels(pairs),
        title=tr("ω {after} − ω {before}", after=after, before=before)
        if changed_gates
        else tr("ω of A − ω of B"),
        span=(-end, end),
        colorscale=theme.ENTRY_SCALE,
        caption=tr(CHANGED if changed_gates else CAPTION),
        alt=tr(
            "The gates of every attention layer: {after} less {before}", after=after, before=before
        ),
    )
    for row, pair in enumerate(pairs):
        figure.add_trace(_row(pair, row, gap(len(pairs)), (after, before)))
    return figure


def pair_labels(pairs: Sequence[LayerPair]) -> list[str]:
    """Both layers' names and channels of each pair, once where they are the same."""
    a, b = short([pair.a.layer for pair in pairs]), short([pair.b.layer for pair in pairs])
    return [
        f"{_once(ours, theirs)} · C {_once(str(pair.a.channels), str(pair.b.channels))}"
        for ours, theirs, pair in zip(a, b, pairs, strict=True)
    ]


def _once(a: str, b: str) -> str:
    return a if a == b else f"{a} | {b}"


def _row(pair: LayerPair, row: int, between: int, names: tuple[str, str]) -> go.Heatmap:
    a, b = curves(pair)
    places, where = 100 * SHARES, tr("smaller: %{customdata[0]:.0f} % of the channels")
    if pair.channelwise:
        places, where = np.arange(len(a), dtype=np.float64), tr("channel %{customdata[0]}")
    return go.Heatmap(
        z=(a - b)[None],
        x=(np.arange(len(a), dtype=np.float32) + 0.5) / len(a),
        y=[row],
        customdata=np.stack([places, a, b], axis=-1).astype(np.float32)[None],
        coloraxis="coloraxis",
        ygap=between,
        name=pair.title,
        hovertemplate=theme.hover(
            f"{pair.title} · {where}",
            f"{names[0]}: ω = %{{customdata[1]:.4f}}",
            f"{names[1]}: ω = %{{customdata[2]:.4f}}",
            f"{names[0]} − {names[1]} = %{{z:+.4f}}",
        ),
    )
