"""The sum behind a logit as rows of a table: value times coefficient is product."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from eca_viz.analysis.channel_steps import leading_terms
from eca_viz.figures import theme
from eca_viz.figures.block import marks
from eca_viz.locale.texts import tr
from eca_viz.records import ChannelSteps, Floats

PITCH = 38
ALL = 9  # as many rows as are drawn of all terms
LARGEST = 7  # of more terms those with the largest products are drawn, and the channel's own
LABELS = 254  # right edge of the channels' numbers
COLUMNS = (262, 360, 458)
STEM = 200  # where lines to the rows begin
# What stands for the names of values in the narrow column of labels.
SYMBOLS = {"average": "y", "deviation": "s"}


class Line(NamedTuple):
    """A row: its term, or what stands in place of one, with its product."""

    label: str
    product: float
    place: int = -1


class Names(NamedTuple):
    """Headings of the labels, the values and the coefficients."""

    labels: str
    values: tuple[str, ...]
    coefficients: tuple[str, ...]


def names_of(one: ChannelSteps) -> Names:
    """What the columns of a mechanism's sum hold."""
    if one.terms.names:
        return Names("", (tr("value"),), (tr("coefficient"),))
    if one.bottleneck is not None:
        return Names("", (tr("bottleneck"), "h"), (tr("weight"), "W₂"))
    values = ("y + m",) if one.of_maximum else (tr("descriptor"), "y")
    return Names(tr(theme.CHANNEL), values, (tr("tap"),) if banded(one) else (tr("weight"), "W"))


def banded(one: ChannelSteps) -> bool:
    """Whether the coefficients are the taps of a kernel across the channels."""
    return "eca" in one.mechanism and not one.terms.names


def lines_of(one: ChannelSteps) -> list[Line]:
    """The rows of a sum: its terms, or the largest, the others as one, and the bias."""
    terms = one.terms
    count, products = len(terms.values), terms.products
    shown = list(range(count))
    if count > ALL:
        largest, _ = leading_terms(terms, LARGEST)
        shown = sorted({*largest, *(place for place in shown if _is_own(one, place))})
    found = [Line(_label(one, place), float(products[place]), place) for place in shown]
    if len(shown) < count:
        rest = float(np.delete(products, shown).sum())
        found.append(Line(tr("… and {n} more", n=count - len(shown)), rest))
    if terms.bias:
        found.append(Line(tr("bias"), terms.bias))
    return found


def _label(one: ChannelSteps, place: int) -> str:
    index = int(one.terms.indices[place])
    if index < 0:
        return tr("padding")
    if one.terms.names:
        name = SYMBOLS.get(one.terms.names[place]) or tr(one.terms.names[place])
        alone = all(index == one.channel for index in one.terms.indices)
        return name if alone else f"{name} {index}"
    if one.bottleneck is not None:
        return f"h {index}"
    return f"↻ {index}" if one.terms.places[place] != index else str(index)


def heights(count: int, middle: float) -> list[float]:
    """The middle of each of `count` rows."""
    return [middle + PITCH * (row - (count - 1) / 2) for row in range(count)]


def made(one: ChannelSteps) -> bool:
    """Whether the values are no descriptors but made of them."""
    return one.bottleneck is not None or bool(one.terms.names)


def own_row(one: ChannelSteps, lines: Sequence[Line]) -> int | None:
    """The row of the channel's own descriptor; None where the values are made of descriptors."""
    if made(one):
        return None
    return next(row for row, at in enumerate(lines) if at.place >= 0 and _is_own(one, at.place))


def _is_own(one: ChannelSteps, place: int) -> bool:
    return not made(one) and int(one.terms.places[place]) == one.channel


def table(one: ChannelSteps, lines: Sequence[Line], middle: float) -> str:
    """The rows below their headings.

    Args:
        one: The channel's steps.
        lines: Its rows.
        middle: The middle of the table's height.

    Returns:
        The elements.
    """
    names = names_of(one)
    rows = heights(len(lines), middle)
    bottom = rows[0] - marks.BOX[1] / 2 - 10
    columns = [names.values]
    if weighted(one):
        columns += [names.coefficients, (tr("product"),)]
    heads = [
        marks.heading(x + marks.BOX[0] / 2, bottom, words)
        for x, words in zip(COLUMNS, columns, strict=False)
    ]
    label = marks.label(LABELS, bottom, names.labels, anchor="end", fade=True)
    largest = [_largest(one.terms.values), _largest(one.terms.coefficients)]
    largest.append(max(abs(line.product) for line in lines) or 1.0)
    return (
        label
        + "".join(heads)
        + "".join(_row(one, at, names, largest, y) for at, y in zip(lines, rows, strict=True))
    )


def weighted(one: ChannelSteps) -> bool:
    """Whether the values are multiplied by coefficients: SE-Var1 has none."""
    return one.mechanism != "se_var1"


def _largest(values: Floats) -> float:
    return float(np.abs(values).max()) or 1.0


def _row(one: ChannelSteps, at: Line, names: Names, largest: Sequence[float], y: float) -> str:
    """One term from left to right, or the sum of several, or the bias."""
    product = _cell(COLUMNS[2], y, at.product, largest[2], f"{at.label}: " + tr("product"))
    if at.place < 0:
        return marks.label(COLUMNS[2] - 14, y + 6, at.label, anchor="end") + product
    value, coefficient = one.terms.values[at.place], one.terms.coefficients[at.place]
    padded, own = one.terms.indices[at.place] < 0, _is_own(one, at.place)
    named = _named(one, at.place)
    marked = marks.label(LABELS, y + 6, at.label, anchor="end", bold=own, fade=padded)
    first = _cell(
        COLUMNS[0],
        y,
        float(value),
        largest[0],
        f"{named}: {names.values[-1]}",
        dashed=padded,
        own=own,
        colour=theme.ACCENT,
    )
    if not weighted(one):
        return marked + first
    second = _cell(
        COLUMNS[1], y, float(coefficient), largest[1], f"{named}: {' '.join(names.coefficients)}"
    )
    between = marks.label(COLUMNS[1] - 10, y + 6, "×") + marks.label(COLUMNS[2] - 10, y + 6, "=")
    return marked + first + second + product + between


def _named(one: ChannelSteps, place: int) -> str:
    """What the value of a term is, in words."""
    index = int(one.terms.indices[place])
    if index < 0:
        return tr("zero padding")
    if one.terms.names:
        name = tr(one.terms.names[place])
        return tr("{name} of channel {channel}", name=name, channel=index)
    return f"h {index}" if one.bottleneck is not None else tr("channel {channel}", channel=index)


def _cell(
    x: float,
    y: float,
    value: float,
    largest: float,
    words: str,
    *,
    colour: str = "",
    **look: bool,
) -> str:
    """A number in its box, with a bar for its size that is red above 0 and blue below."""
    colour = colour or (theme.HIGH if value > 0 else theme.LOW)
    return marks.group(
        f"{words} = {marks.exact(value)}",
        marks.frame(x, y, **look),
        marks.label(x + marks.BOX[0] / 2, y + 4, marks.short(value)),
        marks.bar(x, y, abs(value) / largest, colour),
    )
