"""A sum in aligned columns: values, times coefficients, products that add up."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from eca_viz.analysis.channel_steps import leading_terms
from eca_viz.figures import theme
from eca_viz.figures.activation_curve import HEIGHT
from eca_viz.locale.texts import text, tr
from eca_viz.records import ChannelSteps, Floats, Terms

SHOWN = 8
CHANNEL = text(
    "Look at each column from top to bottom: value times coefficient is product, and the products "
    "add up from left to right to logit z (red raises the gate, blue lowers it). The largest "
    "product shows which channel moved this gate most here, not what the network needs."
)
BOTTLENECK = text(
    "Look at which channels have the largest products in this value of the bottleneck; the others "
    "share one column. Every gate of the layer depends on this value, so it is not that of one "
    "channel."
)


class Names(NamedTuple):
    """Labels of a sum's values, of one of them, of its coefficients and of its result."""

    values: str
    one: str
    coefficients: str
    total: str


TAPS = Names(theme.DESCRIPTOR, theme.CHANNEL, text("tap"), "z")
FULL = Names(theme.DESCRIPTOR, theme.CHANNEL, text("weight"), "z")
EXPAND = Names(text("bottleneck h"), "h", text("weight W₂"), "z")
NAMED = Names(text("value"), "", text("coefficient"), "z")
SQUEEZE = Names(theme.DESCRIPTOR, theme.CHANNEL, text("weight W₁"), text("sum"))


def channel_terms(one: ChannelSteps) -> go.Figure:
    """How one channel's logit z is the sum over the descriptor, or over what is made of it."""
    names = TAPS if "eca" in one.mechanism else FULL
    if one.terms.names:
        names = NAMED
    elif one.bottleneck is not None:
        names = EXPAND
    elif one.of_maximum:
        names = names._replace(values="y + m")
    alt = tr(
        "Values, coefficients and products that add up to logit z of channel {channel}",
        channel=one.channel,
    )
    return _columns(one.terms, names, caption=tr(CHANNEL), alt=alt)


def bottleneck_terms(terms: Terms) -> go.Figure:
    """How one value of SE's bottleneck, before its activation, is the sum over the descriptor."""
    alt = tr("The largest products that add up to a value of the bottleneck")
    return _columns(terms, SQUEEZE, caption=tr(BOTTLENECK), alt=alt)


def _columns(terms: Terms, names: Names, **texts: str) -> go.Figure:
    """One column for each term, from the value down to the product, and one for the sum.

    Of more than SHOWN terms, those with the largest products have a column each, the others
    one together.
    """
    shown, rest = leading_terms(terms, SHOWN)
    products = [*terms.products[shown]]
    labels = [
        _label(int(terms.indices[place]), terms.names[place] if terms.names else names.one)
        for place in shown
    ]
    if len(shown) < len(terms.values):
        labels.append(tr("{n}<br>others", n=len(terms.values) - len(shown)))
        products.append(rest)
    if terms.bias:
        labels.append(tr("bias"))
        products.append(terms.bias)
    count = len(products)
    sums = np.concatenate([[0.0], np.cumsum(products)])
    figure = theme.figure(
        height=HEIGHT,
        **texts,
        xaxis={
            "tickvals": list(range(count + 1)),
            "ticktext": [*labels, tr(names.total)],
            "range": [-0.6, count + 0.6],
            "anchor": "y3",
            "showgrid": False,
            "tickangle": 0,
        },
        yaxis=_row(0.72, 1.0, terms.values[shown], tr(names.values)),
        yaxis2=_row(0.38, 0.66, terms.coefficients[shown], "× " + tr(names.coefficients)),
        yaxis3=_row(0.0, 0.32, sums, tr("= product")),
        shapes=[
            theme.padding(column) for column, place in enumerate(shown) if terms.indices[place] < 0
        ],
    )
    figure.add_traces(
        [
            _bars(terms.values[shown], "y", theme.ACCENT),
            _bars(terms.coefficients[shown], "y2"),
            _waterfall(products),
        ]
    )
    return figure


def _waterfall(products: Sequence[float]) -> dict[str, Any]:
    """The products on top of each other, and their sum behind them."""
    count = len(products)
    return {
        "type": "waterfall",
        "x": np.arange(count + 1),
        "y": [*products, None],
        "measure": ["relative"] * count + ["total"],
        # Plus 0, so that 0 times a negative weight has no minus.
        "text": [f"{product + 0.0:+.4f}" for product in products] + [f"{sum(products):.4f}"],
        "textposition": "outside",
        "constraintext": "none",
        "cliponaxis": False,
        "increasing": {"marker": {"color": theme.HIGH}},
        "decreasing": {"marker": {"color": theme.LOW}},
        "totals": {"marker": {"color": theme.ACCENT}},
        "connector": {"line": {"color": "#888", "width": 1}},
        "yaxis": "y3",
        "hovertemplate": "%{text}<extra></extra>",
    }


def _label(index: int, one: str) -> str:
    return tr("padding") if index < 0 else tr(one) + f"<br>{index}"


def _bars(values: Floats, axis: str, colour: str | None = None) -> dict[str, Any]:
    """Bars with their numbers; without a colour, red ones raise z and blue ones lower it."""
    return {
        "type": "bar",
        "x": np.arange(len(values)),
        "y": values,
        "yaxis": axis,
        "text": [f"{value:.4f}" for value in values],
        "textposition": "outside",
        "cliponaxis": False,
        "marker": {"color": colour or theme.by_sign(values)},
        "hovertemplate": "%{y:.6g}<extra></extra>",
    }


def _row(low: float, high: float, values: NDArray[np.floating[Any]], title: str) -> dict[str, Any]:
    """An axis with room for the numbers above and below the bars."""
    bottom, top = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
    room = 0.28 * (top - bottom or 1.0)
    return {
        "domain": [low, high],
        "range": [bottom - room * (bottom < 0), top + room],
        "title": {"text": title},
        "zeroline": True,
        "zerolinewidth": 1,
        "nticks": 4,
        "automargin": True,
    }
