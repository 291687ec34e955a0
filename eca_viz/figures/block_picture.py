"""The block of one channel with the numbers of an image, from left to right."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from eca_viz.figures import theme
from eca_viz.figures.block import gate, maps, marks, source, sums
from eca_viz.locale.texts import text, tr, trn
from eca_viz.records import ChannelSteps, Floats, LayerAttention, flat_map

LEFT = source.MAP - 2
WIDTH = gate.OUT + maps.SIDE + 2 - LEFT
CAPTION = text(
    "Look from left to right: what the map of the channel becomes on its way to one number, and "
    "what that number does to the map. Rest the pointer on a box or on a cell (row, column) to "
    "read all its digits. A large gate ω does not prove that the prediction depends on the channel."
)
EDGE = 8
ABOVE = 18  # from a map to its heading
HEADING = ABOVE + marks.TEXT + marks.LINE


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
    of = tr("Channel {channel} of {layer}.", channel=steps.channel, layer=steps.layer)
    svg = _svg(f"{of} {alt}", "".join(parts), plan.height)
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
    edge = maps.SIDE / 2
    at = plan.low - edge
    number = tr("channel {channel}", channel=one.channel)
    lines = (tr("feature map X"), f"{number} · {' × '.join(map(str, size))}")
    before = marks.heading(source.MAP, at - edge - ABOVE, lines, anchor="start")
    after = marks.heading(
        gate.OUT, plan.middle - edge - ABOVE, ("X · ω", tr("output")), anchor="start"
    )
    return (
        before + maps.grid(source.MAP, at, cells, end, marks.exact),
        after + maps.grid(gate.OUT, plan.middle, cells * one.weight, end, marks.short),
        maps.scale(gate.OUT, plan.middle + edge + 12, end),
    )


def _past(plan: _Plan) -> str:
    """The map itself goes to the product with its gate."""
    way = [(source.PAST, plan.low + 3), (source.PAST, plan.past), (gate.TIMES, plan.past)]
    return marks.line([*way, (gate.TIMES, plan.middle + 17)], head=True) + marks.label(
        (source.PAST + gate.TIMES) / 2, plan.past + marks.LINE, tr("X itself, unchanged"), fade=True
    )


def _activation(one: ChannelSteps, record: LayerAttention, y: float) -> str:
    """How the values of a bottleneck come about."""
    if one.bottleneck is None:
        return ""
    sizes = tr(
        "{channels:,} channels → {values:,} values",
        channels=record.channels,
        values=len(one.bottleneck.values),
    )
    form = "δ(W₁y) + δ(W₁m)" if one.bottleneck_of_maximum is not None else "δ(W₁y)"
    words = f"h = {form}, δ = {one.bottleneck.activation}: {sizes}"
    return marks.label(sums.LABELS - 38, y, words, anchor="start", fade=True)


def _alt(one: ChannelSteps) -> str:
    """The numbers in two sentences."""
    gate_of = tr(
        "The {activation} of z is gate ω = {gate}, by which the layer multiplies the feature map.",
        activation=one.activation,
        gate=marks.short(one.weight),
    )
    return f"{_sum(one)} {gate_of}"


def _sum(one: ChannelSteps) -> str:
    """What gives the logit."""
    terms = one.terms
    count = len(terms.values)
    z = marks.short(one.logit)
    if terms.bias:
        # Translators: stands in place of the number z in a sentence.
        z = tr("{z}, with the bias {bias}", z=z, bias=marks.short(terms.bias))
    if one.bottleneck is not None:
        return tr(
            "{n} values of the bottleneck times their weights add up to logit z = {z}.",
            n=count,
            z=z,
        )
    if terms.names:
        return trn(
            "{n} value that is made of descriptors, times its coefficient is logit z = {z}.",
            "{n} values that are made of descriptors, times their coefficients, add up to logit "
            "z = {z}.",
            count,
            z=z,
        )
    return _sum_of_descriptors(one, z)


def _sum_of_descriptors(one: ChannelSteps, z: str) -> str:
    """What of the channel's own descriptor and of others gives the logit, which is `z`."""
    terms = one.terms
    value = marks.short(float(terms.values[terms.places == one.channel][0]))
    own = (
        tr("Average y plus maximum m = {value}", value=value)
        if one.of_maximum
        else tr("Descriptor y = {value}", value=value)
    )
    if not sums.weighted(one):
        return tr("{own} is logit z = {z}.", own=own, z=z)
    if len(terms.values) == 1:
        weight = marks.short(float(terms.coefficients[0]))
        return tr("{own} times weight {weight} is logit z = {z}.", own=own, weight=weight, z=z)
    more = int((terms.indices >= 0).sum()) - 1
    if sums.banded(one):
        return trn(
            "{own} and that of {n} other channel, times their taps, add up to logit z = {z}.",
            "{own} and those of {n} other channels, times their taps, add up to logit z = {z}.",
            more,
            own=own,
            z=z,
        )
    return trn(
        "{own} and that of {n} other channel, times their weights, add up to logit z = {z}.",
        "{own} and those of {n} other channels, times their weights, add up to logit z = {z}.",
        more,
        own=own,
        z=z,
    )


def _caption(drawn: tuple[int, ...], size: tuple[int, ...]) -> str:
    """What to look for; how the map was made smaller."""
    if np.prod(drawn) == np.prod(size):
        return tr(CAPTION)
    whole, cells = (" × ".join(map(str, shape)) for shape in (size, drawn))
    smaller = tr(
        "The map's {whole} values are drawn as the means of {cells} parts.",
        whole=whole,
        cells=cells,
    )
    return f"{tr(CAPTION)} {smaller}"
