"""Gates of several networks at one stage, and their correlations."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from eca_viz.analysis.attention import gate_range
from eca_viz.analysis.matrices import gate_similarity
from eca_viz.figures import theme
from eca_viz.locale.texts import text, tr
from eca_viz.records import LayerAttention

GATES = text(
    "Look at how much the gates of one row differ: a row near 1 almost everywhere hardly scales "
    "anything here. Channel 5 of one network need not correspond to channel 5 of another, since "
    "each was trained on its own from the same initial weights."
)
SIMILARITY = text(
    "Look for pairs far from 0: their channels kept their order in training and have similar "
    "gates. A value near 0 does not prove that the mechanisms differ, since channels may have "
    "changed places; blank means gates that are all equal."
)


def mechanism_gates(titles: Sequence[str], attention: Sequence[LayerAttention]) -> go.Figure:
    """One row for each network, one cell for each channel, all on one scale."""
    low, high = gate_range(attention)
    figure = theme.figure(
        height=110 + 30 * len(titles),
        title=theme.title(tr("Gates ω")),
        caption=tr(GATES),
        alt=tr("Gates of every mechanism at {stage}", stage=attention[0].stage),
    )
    figure.add_trace(
        go.Heatmap(
            z=np.stack([record.weights[0] for record in attention]),
            y=[tr(title) for title in titles],
            zmin=low,
            zmax=high,
            colorscale=theme.GATE_SCALE,
            colorbar={"title": {"text": "ω"}, "thickness": 14},
            ygap=2,
            hovertemplate=theme.hover("%{y}", tr("channel %{x}: ω = %{z:.4f}")),
        )
    )
    figure.update_xaxes(title=tr(theme.CHANNEL), showgrid=False)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure


def mechanism_similarity(titles: Sequence[str], attention: Sequence[LayerAttention]) -> go.Figure:
    """Pearson's correlation over the channels of every two networks' gates."""
    names = [tr(title) for title in titles]
    values = gate_similarity([record.weights[0] for record in attention])
    figure = theme.figure(
        height=110 + 34 * len(titles),
        title=theme.title(tr("Correlation of gates")),
        caption=tr(SIMILARITY),
        alt=tr("Correlation of the mechanisms' gates at {stage}", stage=attention[0].stage),
    )
    figure.add_trace(
        go.Heatmap(
            z=values,
            x=names,
            y=names,
            zmin=-1,
            zmax=1,
            colorscale="RdBu_r",
            texttemplate="%{z:.2f}",
            hoverongaps=False,
            colorbar={"thickness": 14},
            xgap=2,
            ygap=2,
            hovertemplate=theme.hover(tr("%{y} and %{x}: %{z:.3f}")),
        )
    )
    figure.update_xaxes(tickangle=-45, showgrid=False)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure
