"""Where the terms come from: the feature map, its pooling and what leads to the rows."""

from collections.abc import Sequence

from eca_viz.figures.block import marks
from eca_viz.figures.block.maps import SIDE
from eca_viz.figures.block.sums import LABELS, STEM
from eca_viz.records import ChannelSteps, LayerAttention

MAP = 8
PAST = MAP + 10  # where the map itself goes on, past its gate
POOLED = 46  # height of the arrow from the map down to its descriptors
DESCRIPTORS = (MAP + 24, 118)  # left edge and width of their boxes
TURN = 182
POOLING = (MAP + SIDE + STEM - 8) / 2
_WORDS = {"average": "average", "maximum": "maximum", "DCT": "DCT"}


def below_map(one: ChannelSteps, record: LayerAttention) -> list[tuple[str, float]]:
    """The channel's descriptors where they do not stand in the rows themselves."""
    found = [("y", float(record.descriptor[0, one.channel]))]
    if record.maximum is not None:
        found.append(("m", float(record.maximum[0, one.channel])))
    return found if one.of_maximum or one.bottleneck is not None else []


def height(descriptors: Sequence[tuple[str, float]]) -> float:
    """Of the map, and of its descriptors below it."""
    return SIDE + (POOLED + 38 * len(descriptors) + marks.LINE if descriptors else 0)


def pooling(record: LayerAttention) -> str:
    """What is taken of the values of a map."""
    return "average and maximum" if record.maximum is not None else record.pooling


def to_row(record: LayerAttention, rows: Sequence[float], own: int, middle: float) -> str:
    """From the map at `middle` straight to the row of its descriptor.

    Args:
        record: What the layer computed.
        rows: The middle of the height of each row whose value is a descriptor.
        own: Which of them is the map's own.
        middle: The middle of the map's height.

    Returns:
        The elements.
    """
    words = ("global", *pooling(record).split(", "), "pooling")
    lines = [
        marks.text(POOLING, middle - 8 - marks.LINE * (len(words) - 1 - place), word)
        for place, word in enumerate(words)
    ]
    tip = (LABELS - 38, rows[own])
    way = [(MAP + SIDE + 4, middle), tip]
    if rows[own] != middle:
        way[1:1] = [(STEM, middle), (STEM, rows[own])]
    return "".join(lines) + marks.line(way, head=True)


def stubs(rows: Sequence[float]) -> str:
    """Short arrows to the rows of other channels, whose maps are not drawn."""
    return "".join(marks.line([(STEM, y), (LABELS - 38, y)], fade=True, head=True) for y in rows)


def descriptors(
    one: ChannelSteps, record: LayerAttention, below: float, rows: Sequence[float], middle: float
) -> str:
    """From the map down to its descriptors, and from these to the rows.

    Args:
        one: The channel's steps.
        record: What the layer computed.
        below: The lower edge of the map.
        rows: The middle of the height of each row that they lead to.
        middle: The middle of these rows.

    Returns:
        The elements.
    """
    found = below_map(one, record)
    left, wide = DESCRIPTORS
    arrow = left + 10
    first, second = f"global {pooling(record)} pooling".rsplit(" ", 2)[0], "pooling"
    if record.maximum is not None:
        first, second = "global average", "and maximum"
    elif pooling(record) in _WORDS:
        first = f"global {pooling(record)}"
    drawn = [
        marks.line([(arrow, below + 3), (arrow, below + POOLED - 2)], head=True),
        marks.text(arrow + 10, below + 19, first, anchor="start"),
        marks.text(arrow + 10, below + 19 + marks.LINE, second, anchor="start"),
    ]
    places = [below + POOLED + 16 + 38 * place for place in range(len(found))]
    for (name, value), y in zip(found, places, strict=True):
        drawn.append(
            marks.group(
                f"{name} of channel {one.channel} = {marks.exact(value)}",
                marks.frame(left, y, wide=wide, own=True),
                marks.text(left + wide / 2, y + 6, f"{name} = {marks.short(value)}"),
            )
        )
    names = "descriptor y" if len(found) == 1 else "y and m"
    others = f"{names}, 1 of {record.channels:,}"
    if one.bottleneck is None:
        return "".join(drawn) + _added(places, middle, left + wide)
    drawn.append(marks.text(left, places[-1] + 36, others, anchor="start", fade=True))
    drawn += [marks.line([(left + wide, y), (TURN, y), (TURN, middle)]) for y in places]
    drawn.append(marks.line([(TURN, middle), (STEM, middle)]))
    drawn.append(marks.line([(STEM, rows[0]), (STEM, rows[-1])], fade=True))
    drawn.append(marks.text(178, middle - 10, "W₁, δ"))
    return "".join(drawn) + stubs(rows)


def _added(places: Sequence[float], middle: float, right: float) -> str:
    """Average and maximum are added up in the channel's own row."""
    centre = sum(places) / len(places)
    merged = [marks.line([(right, y), (TURN, y), (TURN, centre)]) for y in places]
    up = [(TURN, centre - 15), (TURN, middle), (LABELS - 38, middle)]
    return "".join(merged) + marks.circle(TURN, centre, "+") + marks.line(up, head=True)
