"""The best classes of two explanations, and how far apart they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from eca_viz.figures import theme, words
from eca_viz.locale.texts import text, tr

if TYPE_CHECKING:
    import pandas as pd

# Columns of a class's name beside its bar; the whole of it is shown on hovering.
LONGEST = 22
CAPTION = text(
    "Look for classes whose probability differs between A and B. The difference does not show "
    "which of the two is right, nor its cause."
)
CHANGED = text(
    "Look at whether the order of the classes changes, not only the numbers. A prediction that "
    "stays the same under a change does not prove that attention is useless: the network was "
    "trained with it."
)
# What A and B are called where A is B after a change of its gates.
CHANGE = (text("after"), text("before"))


def sides(*, changed_gates: bool) -> tuple[str, str]:
    """What A and B are called."""
    return (tr(CHANGE[0]), tr(CHANGE[1])) if changed_gates else ("A", "B")


def comparison_predictions(table: pd.DataFrame, *, changed_gates: bool = False) -> go.Figure:
    """Probability of each class in A and in B; no bar where a network lacks the class.

    `table` is that of eca_viz.analysis.class_matching.prediction_table. With `changed_gates` A is
    B after a change of its gates, and they are called so.
    """
    after, before = sides(changed_gates=changed_gates)
    figure = theme.figure(
        height=_height(table),
        barmode="group",
        caption=tr(CHANGED if changed_gates else CAPTION),
        alt=tr("Probability of the best classes: {after} and {before}", after=after, before=before),
    )
    figure.update_layout(**theme.LEGEND_ABOVE)
    for side, column, colour in ((after, "a", theme.ACCENT), (before, "b", theme.SECOND)):
        figure.add_trace(
            go.Bar(
                x=table[column],
                y=_rows(table),
                name=side,
                orientation="h",
                marker_color=colour,
                text=["" if np.isnan(share) else f"{share:.1%}" for share in table[column]],
                textposition="outside",
                cliponaxis=False,
                customdata=[tr(name) for name in table["class"]],
                hovertemplate=theme.hover(f"{side}, %{{customdata}}: %{{x:.4f}}"),
            )
        )
    figure.update_xaxes(
        range=[0, 1.12], tickvals=[0, 0.25, 0.5, 0.75, 1], tickformat=".0%", title=tr("probability")
    )
    return _with_classes(figure, table)


def difference_predictions(table: pd.DataFrame, *, changed_gates: bool = False) -> go.Figure:
    """A − B in percentage points: red where A's probability is larger, blue where B's is.

    With `changed_gates` A is B after a change of its gates, and they are called so.
    """
    after, before = sides(changed_gates=changed_gates)
    figure = theme.figure(
        height=_height(table),
        caption=tr(CHANGED if changed_gates else CAPTION),
        alt=tr(
            "Probability of each class: {after} less {before}, in percentage points",
            after=after,
            before=before,
        ),
    )
    points = table["points"]
    largest = max([1.0, *points.abs().dropna()])
    figure.add_trace(
        go.Bar(
            x=points,
            y=_rows(table),
            orientation="h",
            marker={
                "color": points,
                "cmin": -largest,
                "cmax": largest,
                "colorscale": theme.ENTRY_SCALE,
            },
            text=["" if np.isnan(value) else f"{value:+.1f}" for value in points],
            textposition="outside",
            cliponaxis=False,
            customdata=[tr(name) for name in table["class"]],
            hovertemplate=theme.hover(tr("%{customdata}: %{x:+.2f} points")),
        )
    )
    title = tr("{after} − {before} in percentage points", after=after, before=before)
    figure.update_xaxes(range=[-1.3 * largest, 1.3 * largest], title=title)
    figure.add_vline(0, line={"color": theme.NEUTRAL, "width": 1})
    return _with_classes(figure, table)


def _rows(table: pd.DataFrame) -> list[int]:
    """Numbers rather than names: two classes of one name stay two rows."""
    return list(range(len(table)))


def _height(table: pd.DataFrame) -> int:
    return 90 + 44 * len(table)


def _with_classes(figure: go.Figure, table: pd.DataFrame) -> go.Figure:
    figure.update_yaxes(
        autorange="reversed",
        tickvals=_rows(table),
        ticktext=[words.cut(tr(name), LONGEST) for name in table["class"]],
        showgrid=False,
    )
    return figure
