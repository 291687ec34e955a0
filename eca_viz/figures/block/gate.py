"""From the products to the gate: sum, logit z, activation, gate ω and the product with the map."""

from collections.abc import Sequence

import numpy as np

from eca_viz.figures import theme
from eca_viz.figures.activation_curve import activated, highest
from eca_viz.figures.block import marks
from eca_viz.figures.block.sums import COLUMNS, weighted
from eca_viz.locale.texts import tr
from eca_viz.records import ChannelSteps

SUM = 576
LOGIT = 607
CURVE = 701
WIDE, HALF = 92, 50  # of the curve: its width, and from its middle to 0 and to 1
GATE = 809
TIMES = 918
OUT = 950


def flow(one: ChannelSteps, rows: Sequence[float], span: tuple[float, float], middle: float) -> str:
    """Everything between the products and the map times its gate.

    Args:
        one: The channel's steps.
        rows: The middle of each product's height.
        span: Both ends of the colour scale of gates.
        middle: The middle of the height of what follows.

    Returns:
        The elements.
    """
    return "".join(
        (
            _summed(one, rows, middle),
            _logit(one, middle),
            _curve(one, middle),
            _gate(one, span, middle),
        )
    )


def _summed(one: ChannelSteps, rows: Sequence[float], middle: float) -> str:
    """The products run together in their sum; a single one goes on as it is."""
    start = COLUMNS[2 if weighted(one) else 0] + marks.BOX[0] + 4
    if len(rows) == 1:
        equal = "" if weighted(one) else marks.label((start + LOGIT) / 2, middle - 10, "z = y")
        return equal + marks.line([(start, middle), (LOGIT - 2, middle)], head=True)
    run = [marks.line([(start, y), (SUM - 32, y), (SUM - 15, middle)], fade=True) for y in rows]
    return (
        "".join(run)
        + marks.circle(SUM, middle, "Σ")
        + marks.line([(SUM + 15, middle), (LOGIT - 2, middle)], head=True)
    )


def _logit(one: ChannelSteps, middle: float) -> str:
    """The box of z."""
    centre = LOGIT + marks.BOX[0] / 2
    return marks.heading(centre, middle - 28, (tr("logit"), "z")) + marks.group(
        tr("logit z = {logit}", logit=marks.exact(one.logit)),
        marks.frame(LOGIT, middle),
        marks.label(centre, middle + 6, marks.short(one.logit), bold=True),
    )


def _curve(one: ChannelSteps, middle: float) -> str:
    """The activation over z, and the channel's point on it."""
    end = float(max(4, np.ceil(1.2 * abs(np.nan_to_num(one.logit)))))
    z = np.linspace(-end, end, 49)
    top = highest(one)
    gates = activated(one, z) / top
    scale = WIDE / (2 * end)
    way = " ".join(
        f"{CURVE + (x + end) * scale:.4g},{middle + HALF - 2 * HALF * y:.4g}"
        for x, y in zip(z, gates, strict=True)
    )
    across, up = np.nan_to_num([(one.logit + end) * scale, 2 * HALF * one.weight / top])
    at = CURVE + across, middle + HALF - up
    left, low, high = CURVE, middle + HALF, middle - HALF
    numbers = f"z = {marks.exact(one.logit)}, ω = {marks.exact(one.weight)}"
    below = low + marks.TEXT + 2
    names = (one.activation, "σ") if top == 1 else (one.activation,)
    return (
        marks.heading(CURVE + WIDE / 2, high - 14, names)
        + marks.line([(LOGIT + marks.BOX[0], middle), (CURVE - 4, middle)], head=True)
        + marks.line([(left, high), (left, low), (left + WIDE, low)], fade=True)
        + marks.line([(left, high), (left + WIDE, high)], fade=True)
        + f'<polyline points="{way}" fill="none" stroke="currentColor" stroke-width="2.5"/>'
        + f'<polyline points="{at[0]:.4g},{low:g} {at[0]:.4g},{at[1]:.4g} {left},{at[1]:.4g}" '
        f'fill="none" stroke="{theme.SECOND}" stroke-width="2" stroke-dasharray="4 3"/>'
        + marks.group(
            numbers, f'<circle cx="{at[0]:.4g}" cy="{at[1]:.4g}" r="7" fill="{theme.SECOND}"/>'
        )
        + marks.label(left - 6, high + 6, f"{top}", anchor="end", fade=True)
        + marks.label(left - 6, low + 6, "0", anchor="end", fade=True)
        + marks.label(left, below, f"−{end:g}", anchor="start", fade=True)
        + marks.label(left + WIDE / 2, below, "z", fade=True)
        + marks.label(left + WIDE, below, f"{end:g}", anchor="end", fade=True)
    )


def _gate(one: ChannelSteps, span: tuple[float, float], middle: float) -> str:
    """The swatch of ω, and the product of the map and ω."""
    colour = marks.gate_colour(one.weight, span)
    centre, height = GATE + marks.BOX[0] / 2, marks.BOX[1] + 8
    swatch = (
        f'<rect x="{GATE}" y="{middle - height / 2:g}" width="{marks.BOX[0]}" height="{height}" '
        f'rx="5" fill="{colour}"/><text x="{centre:g}" y="{middle + 6:g}" '
        f'font-weight="600" fill="{marks.ink_on(colour)}">{marks.short(one.weight)}</text>'
    )
    return (
        marks.line([(CURVE + WIDE, middle), (GATE - 2, middle)], head=True)
        + marks.heading(centre, middle - 32, (tr("gate"), "ω"))
        + marks.group(tr("gate ω = {gate}", gate=marks.exact(one.weight)), swatch)
        + marks.line([(GATE + marks.BOX[0], middle), (TIMES - 16, middle)], head=True)
        + marks.circle(TIMES, middle, "×")
        + marks.line([(TIMES + 15, middle), (OUT - 3, middle)], head=True)
    )
