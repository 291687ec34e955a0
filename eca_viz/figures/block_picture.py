"""The block of one channel with the numbers of an image, from left to right."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from eca_viz.figures import theme
from eca_viz.figures.block import gate, maps, marks, source, sums
from eca_viz.records import ChannelSteps, Floats, LayerAttention, flat_map

LEFT = source.MAP - 2
WIDTH = gate.OUT + maps.SIDE + 2 - LEFT
CAPTION = (
    "Look from left to right: what the map of the channel becomes on its way to one number, and "
    "what that number does to the map. Rest the pointer on a box or on a cell (row, column) to "
    "read all its digits. A large gate ω does not prove that the prediction depends on the channel."
)
EDGE = 8
HEADING = 12 + marks.TEXT + marks.LINE  # above a part


@dataclass(frozen=True)
class BlockPicture:
    """A drawing as SVG with its caption and its text for screen readers."""

    svg: str
    caption: str
    alt: str


def block_picture(
    steps: ChannelSteps,
    record: LayerAttention,
    feature_map: Floats,
    *,
    span: tuple[float, float] = (0.0, 1.0),
) -> BlockPicture:
    """One channel from its feature map X over y, z and ω to X · ω.

    Args:
        steps: How the gate of the channel is computed.
        record: What its layer computed.
        feature_map: The channel's map (H, W) before the gate. A map of a sequence (L,) is one row,
            of a volume (D, H, W) the mean over D is drawn.
        span: Both ends of the colour scale of gates, that of the page's overview.

    Returns:
        The drawing, as wide as what it is put in.
    """
    flat = flat_map(feature_map)
    cells = maps.cells_of(flat)
    plan = _plan(steps, record)
    parts = (
        *_maps(steps, cells, flat.shape, plan),
        _source(steps, record, plan, maps.width(cells)),
        sums.table(steps, plan.lines, plan.middle),
        gate.flow(steps, plan.rows, span, plan.middle),
        _past(plan),
        _activation(steps, record, plan.rows[-1] + sums.PITCH / 2 + marks.LINE),
    )
    alt = _alt(steps)
    svg = _svg(f"Channel {steps.channel} of {steps.layer}. {alt}", "".join(parts), plan.height)
    return BlockPicture(svg, _caption(cells.shape, feature_map.shape), alt)


def _svg(words: str, body: str, height: float) -> str:
    """The drawing in the colour of the text around it; `words` are for screen readers."""
    said = marks.escaped(words)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{LEFT} 0 {WIDTH} {height:g}" '
        f'width="100%" role="img" aria-label="{said}" fill="currentColor" text-anchor="middle" '
        f'font-family="{theme.FONT}" font-size="{marks.TEXT}"><desc>{said}</desc>{body}</svg>'
    )


class _Plan(NamedTuple):
    """The rows of the sum, and how far down things lie.

    `rows` are the middles of the rows, `middle` that of all that follows, `low` the lower edge of
    the map, `past` the line on which the map itself goes on, `height` that of the drawing.
    """

    lines: list[sums.Line]
    rows: list[float]
    middle: float
    low: float
    past: float
    height: float


def _plan(one: ChannelSteps, record: LayerAttention) -> _Plan:
    """Everything around one middle line, the map with its descriptors as one part."""
    lines = sums.lines_of(one)
    half = sums.PITCH * len(lines) / 2
    left = source.height(source.below_map(one, record)) / 2
    middle = max(half, left) + HEADING + EDGE
    note = marks.LINE + 6 if one.bottleneck is not None else 0
    past = middle + max(half + note, left, gate.HALF + 24) + 18
    return _Plan(
        lines=lines,
        rows=sums.heights(len(lines), middle),
        middle=middle,
        low=middle - left + maps.SIDE,
        past=past,
        height=max(past + marks.LINE + 10, middle + maps.SIDE / 2 + 50) + EDGE,
    )


def _source(one: ChannelSteps, record: LayerAttention, plan: _Plan, wide: float) -> str:
    """What leads from the map, which is so wide, to the rows."""
    terms = [row for row, at in enumerate(plan.lines) if at.place >= 0]
    own = sums.own_row(one, plan.lines)
    boxes, places = source.descriptors(one, record, plan.low)
    if own is None:
        words = "" if one.bottleneck is None else "W₁, δ"
        rows = [plan.rows[row] for row in terms]
        return boxes + source.to_values(places, rows, plan.middle, words)
    inside = [row for row in terms if one.terms.indices[plan.lines[row].place] >= 0]
    stubs = source.stubs([plan.rows[row] for row in inside if row != own])
    if one.of_maximum:
        return boxes + source.added(places, plan.rows[own]) + stubs
    return source.to_row(record, source.MAP + wide, plan.rows, own, plan.middle) + stubs


def _maps(
    one: ChannelSteps, cells: maps.Cells, size: tuple[int, ...], plan: _Plan
) -> tuple[str, str, str]:
    """The map before the gate, behind it, and the colour scale of both."""
    end = float(np.nan_to_num(np.abs(cells)).max()) or 1.0
    edge, above = maps.SIDE / 2, 12
    at = plan.low - edge
    lines = ("feature map X", f"channel {one.channel} · {' × '.join(map(str, size))}")
    before = marks.heading(source.MAP, at - edge - above, lines, anchor="start")
    after = marks.heading(gate.OUT, plan.middle - edge - above, ("X · ω", "output"), anchor="start")
    return (
        before + maps.grid(source.MAP, at, cells, end, marks.exact),
        after + maps.grid(gate.OUT, plan.middle, cells * one.weight, end, marks.short),
        maps.scale(gate.OUT, plan.middle + edge + 12, end),
    )


def _past(plan: _Plan) -> str:
    """The map itself goes to the product with its gate."""
    way = [(source.PAST, plan.low + 3), (source.PAST, plan.past), (gate.TIMES, plan.past)]
    return marks.line([*way, (gate.TIMES, plan.middle + 17)], head=True) + marks.text(
        (source.PAST + gate.TIMES) / 2, plan.past + marks.LINE, "X itself, unchanged", fade=True
    )


def _activation(one: ChannelSteps, record: LayerAttention, y: float) -> str:
    """How the values of a bottleneck come about."""
    if one.bottleneck is None:
        return ""
    sizes = f"{record.channels:,} channels → {len(one.bottleneck.values):,} values"
    form = "δ(W₁y) + δ(W₁m)" if one.bottleneck_of_maximum is not None else "δ(W₁y)"
    words = f"h = {form}, δ = {one.bottleneck.activation}: {sizes}"
    return marks.text(sums.LABELS - 38, y, words, anchor="start", fade=True)


def _alt(one: ChannelSteps) -> str:
    """The numbers in two sentences."""
    bias = f", with the bias {marks.short(one.terms.bias)}" if one.terms.bias else ""
    return (
        f"{_sum(one)} logit z = {marks.short(one.logit)}{bias}. The {one.activation} of z is gate "
        f"ω = {marks.short(one.weight)}, by which the layer multiplies the feature map."
    )


def _sum(one: ChannelSteps) -> str:
    """What gives the logit, as the beginning of a sentence."""
    terms = one.terms
    count = len(terms.values)
    if one.bottleneck is not None:
        return f"{count} values of the bottleneck times their weights add up to"
    if terms.names:
        made = "1 value that is" if count == 1 else f"{count} values that are"
        verb = "times its coefficient is" if count == 1 else "times their coefficients, add up to"
        return f"{made} made of descriptors, {verb}"
    place = int(np.flatnonzero(terms.places == one.channel)[0])
    what = "Average y plus maximum m" if one.of_maximum else "Descriptor y"
    own = f"{what} = {marks.short(float(terms.values[place]))}"
    if not sums.weighted(one):
        return f"{own} is"
    if count == 1:
        return f"{own} times weight {marks.short(float(terms.coefficients[0]))} is"
    more = int((terms.indices >= 0).sum()) - 1
    others = f"that of {more} other channel" if more == 1 else f"those of {more} other channels"
    words = "taps" if sums.banded(one) else "weights"
    return f"{own} and {others}, times their {words}, add up to"


def _caption(drawn: tuple[int, ...], size: tuple[int, ...]) -> str:
    """What to look for; how the map was made smaller."""
    if np.prod(drawn) == np.prod(size):
        return CAPTION
    whole, cells = (" × ".join(map(str, shape)) for shape in (size, drawn))
    return f"{CAPTION} The map's {whole} values are drawn as the means of {cells} parts."
