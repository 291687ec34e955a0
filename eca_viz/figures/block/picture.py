"""The block of one channel with the numbers of an image, from left to right."""

from dataclasses import dataclass

import numpy as np

from eca_viz.figures import theme
from eca_viz.figures.block import gate, maps, marks, source, sums
from eca_viz.records import ChannelSteps, Floats, LayerAttention

WIDTH = gate.OUT + maps.SIDE + 8
NARROWEST = 930  # in pixels, below which its text is too small to read
CAPTION = (
    "Look from left to right: what the map of the channel becomes on its way to one number, and "
    "what that number does to the map. Rest the pointer on a box or on a cell (row, column) to "
    "read all its digits. A large gate ω does not prove that the prediction depends on the channel."
)
EDGE = 8


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
    whole = np.atleast_2d(feature_map)
    flat = whole.mean(axis=tuple(range(whole.ndim - 2)))
    cells = maps.cells_of(flat)
    alt = _alt(steps)
    body, height = _body(steps, record, cells, flat.shape, span)
    name = f"Channel {steps.channel} of {steps.layer}"
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" width="100%" '
        f'role="img" aria-label="{marks.escaped(f"{name}. {alt}")}" fill="currentColor" '
        f'text-anchor="middle" font-family="{theme.FONT}" font-size="{marks.TEXT}">'
        f"<desc>{marks.escaped(f'{name}. {alt}')}</desc>{body}</svg>"
    )
    return BlockPicture(svg, _caption(cells.shape, feature_map.shape), alt)


def _body(
    one: ChannelSteps,
    record: LayerAttention,
    cells: maps.Cells,
    size: tuple[int, ...],
    span: tuple[float, float],
) -> tuple[str, float]:
    """All parts on one middle line, and the height that they take."""
    lines = sums.lines_of(one)
    half = sums.PITCH * len(lines) / 2
    left = source.height(source.below_map(one, record))
    note = marks.LINE + 6 if one.bottleneck is not None else 0
    reach = max(half + note, left / 2, gate.HALF + 24)
    head = 12 + marks.TEXT + marks.LINE
    middle = max(half, left / 2, maps.SIDE / 2) + head + EDGE
    past = middle + reach + 18
    low = middle + maps.SIDE / 2
    end = float(np.nan_to_num(np.abs(cells)).max()) or 1.0
    rows = sums.heights(len(lines), middle)
    parts = (
        _source(one, record, rows, middle),
        _map(one, cells, size, middle - left / 2 + maps.SIDE / 2, end),
        sums.table(one, lines, middle),
        gate.summed(one, rows, middle),
        gate.logit(one, middle),
        gate.curve(one, middle),
        gate.gate(one, span, middle),
        _output(one, cells, middle, end),
        _past(middle - left / 2 + maps.SIDE, past, middle),
        _activation(one, record, middle + half + marks.LINE),
    )
    return "".join(parts), max(past + 30, low + 50) + EDGE


def _source(one: ChannelSteps, record: LayerAttention, rows: list[float], middle: float) -> str:
    """What leads to the rows."""
    lines = sums.lines_of(one)
    terms = [y for y, at in zip(rows, lines, strict=True) if at.place >= 0]
    low = middle - source.height(source.below_map(one, record)) / 2 + maps.SIDE
    own = sums.own_row(one, lines)
    if own is None:
        return source.descriptors(one, record, low, terms, middle)
    others = [
        y
        for row, (y, at) in enumerate(zip(rows, lines, strict=True))
        if row != own and at.place >= 0 and one.terms.indices[at.place] >= 0
    ]
    if one.of_maximum:
        way = source.descriptors(one, record, low, terms, rows[own])
    else:
        way = source.to_row(record, rows, own, middle)
    return way + source.stubs(others)


def _map(
    one: ChannelSteps, cells: maps.Cells, size: tuple[int, ...], middle: float, end: float
) -> str:
    lines = ("feature map X", f"channel {one.channel} · {' × '.join(map(str, size))}")
    top = middle - maps.SIDE / 2 - 12
    return marks.heading(source.MAP, top, lines, anchor="start") + maps.grid(
        source.MAP, middle, cells, end, marks.exact
    )


def _output(one: ChannelSteps, cells: maps.Cells, middle: float, end: float) -> str:
    edge = maps.SIDE / 2
    return (
        marks.heading(gate.OUT, middle - edge - 12, ("X · ω", "output"), anchor="start")
        + maps.grid(gate.OUT, middle, cells * one.weight, end, marks.short)
        + maps.scale(gate.OUT, middle + edge + 12, end)
    )


def _past(low: float, past: float, middle: float) -> str:
    """The map itself goes to the product with its gate."""
    way = [(source.PAST, low + 3), (source.PAST, past), (gate.TIMES, past)]
    words = "X itself, unchanged"
    return marks.line([*way, (gate.TIMES, middle + 17)], head=True) + marks.text(
        (source.PAST + gate.TIMES) / 2, past + marks.LINE, words, fade=True
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
    return (
        f"{_sum(one)} logit z = {marks.short(one.logit)}. The {one.activation} of z is gate ω = "
        f"{marks.short(one.weight)}, by which the layer multiplies the feature map."
    )


def _sum(one: ChannelSteps) -> str:
    """What gives the logit, as the beginning of a sentence."""
    terms = one.terms
    count = len(terms.values)
    if one.bottleneck is not None:
        return f"{count} values of the bottleneck times their weights add up to"
    place = int(np.flatnonzero(terms.places == one.channel)[0])
    what = "Average y plus maximum m" if one.of_maximum else "Descriptor y"
    own = f"{what} = {marks.short(float(terms.values[place]))}"
    if not sums.weighted(one):
        return f"{own} is"
    if count == 1:
        return f"{own} times weight {marks.short(float(terms.coefficients[0]))} is"
    others = int((terms.indices >= 0).sum()) - 1
    words = "taps" if sums.banded(one) else "weights"
    return f"{own} and those of {others} other channels, times their {words}, add up to"


def _caption(drawn: tuple[int, ...], size: tuple[int, ...]) -> str:
    """What to look for; how the map was made smaller."""
    if np.prod(drawn) == np.prod(size):
        return CAPTION
    whole, cells = (" × ".join(map(str, shape)) for shape in (size, drawn))
    return f"{CAPTION} The map's {whole} values are drawn as the means of {cells} parts."
