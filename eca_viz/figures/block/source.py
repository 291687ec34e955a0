"""Where the terms come from: the feature map, its pooling and what leads to the rows."""

from collections.abc import Sequence

from eca_viz.figures import words
from eca_viz.figures.block import marks
from eca_viz.figures.block.maps import SIDE
from eca_viz.figures.block.sums import LABELS, STEM, made
from eca_viz.locale.texts import text, tr
from eca_viz.records import ChannelSteps, LayerAttention

MAP = 8
PAST = MAP + 10  # where the map itself goes on, past its gate
POOLED = 46  # height of the arrow from the map down to its descriptors
DESCRIPTORS = (MAP + 24, 118)  # left edge and width of their boxes
BOX = 38  # from one of them to the next
TURN = 168
TIP = LABELS - 38  # of the arrows to the rows
POOLING = (MAP + SIDE + LABELS - 74) / 2  # between the map and the labels of the rows
# How y is made of the map, by LayerAttention.pooling. A space is where a line may end, with eight
# columns of text at most between two.
POOLINGS = {
    # Translators: each space may end a line, which has room for 3 Chinese characters.
    "average": text("global average pooling"),
    # Translators: each space may end a line, which has room for 3 Chinese characters.
    "maximum": text("global maximum pooling"),
    # Translators: each space may end a line, which has room for 3 Chinese characters.
    "half of each": text("mean\N{NO-BREAK SPACE}of average, maximum"),
    # Translators: each space may end a line, which has room for 3 Chinese characters.
    "l2 norm": text("global l2 norm pooling"),
    # Translators: each space may end a line, which has room for 3 Chinese characters.
    "weighted average": text("global weighted average pooling"),
    # Translators: each space may end a line, which has room for 3 Chinese characters.
    "DCT": text("global DCT pooling"),
}
# The same where a second descriptor is made of it.
# Translators: the second space ends the first line.
WITH_MAXIMUM = text("global average and maximum")
# Translators: the second space ends the first line.
WITH_DEVIATION = text("global average and deviation")


def below_map(one: ChannelSteps, record: LayerAttention) -> list[tuple[str, float]]:
    """The channel's descriptors where they do not stand in the rows themselves."""
    found = [("y", float(record.descriptor[0, one.channel]))]
    if record.maximum is not None:
        found.append(("m", float(record.maximum[0, one.channel])))
    if record.deviation is not None:
        found.append(("s", float(record.deviation[0, one.channel])))
    return found if one.of_maximum or made(one) else []


def height(descriptors: Sequence[tuple[str, float]]) -> float:
    """Of the map, and of its descriptors below it."""
    return SIDE + (POOLED + BOX * len(descriptors) + marks.LINE if descriptors else 0)


def to_row(
    record: LayerAttention, left: float, rows: Sequence[float], own: int, middle: float
) -> str:
    """From the map at `middle` straight to the row of its descriptor.

    Args:
        record: What the layer computed.
        left: The right edge of the map.
        rows: The middle of the height of each row.
        own: Which of them holds the map's own descriptor.
        middle: The middle of the map's height.

    Returns:
        The elements.
    """
    parts = tr(POOLINGS[record.pooling]).split(" ")
    lines = [
        marks.label(POOLING, middle - 8 - marks.LINE * (len(parts) - 1 - place), part)
        for place, part in enumerate(parts)
    ]
    way = [(left + 4, middle), (TIP, rows[own])]
    if rows[own] != middle:
        way[1:1] = [(STEM, middle), (STEM, rows[own])]
    return "".join(lines) + marks.line(way, head=True)


def stubs(rows: Sequence[float]) -> str:
    """Short arrows to the rows of other channels, whose maps are not drawn."""
    return "".join(marks.line([(STEM, y), (TIP, y)], fade=True, head=True) for y in rows)


def descriptors(one: ChannelSteps, record: LayerAttention, below: float) -> tuple[str, list[float]]:
    """From the map down to its descriptors.

    Args:
        one: The channel's steps.
        record: What the layer computed.
        below: The lower edge of the map.

    Returns:
        The elements, and the middle of the height of each descriptor.
    """
    found = below_map(one, record)
    left, wide = DESCRIPTORS
    arrow = left + 2
    said = POOLINGS[record.pooling]
    if record.second is not None:
        said = WITH_MAXIMUM if record.deviation is None else WITH_DEVIATION
    parts = tr(said).split(" ")
    drawn = [marks.line([(arrow, below + 3), (arrow, below + POOLED - 2)], head=True)]
    for place, line in enumerate((words.joined(parts[:2]), words.joined(parts[2:]))):
        y = below + 19 + marks.LINE * place
        drawn.append(marks.label(arrow + 10, y, line, anchor="start"))
    places = [below + POOLED + 16 + BOX * place for place in range(len(found))]
    for (name, value), y in zip(found, places, strict=True):
        drawn.append(
            marks.group(
                tr(
                    "{name} of channel {channel} = {value}",
                    name=name,
                    channel=one.channel,
                    value=marks.exact(value),
                ),
                marks.frame(left, y, wide=wide, own=True),
                marks.label(left + wide / 2, y + 6, f"{name} = {marks.short(value)}"),
            )
        )
    if made(one):
        note = tr("descriptor y, 1 of {n:,}", n=record.channels)
        if len(found) > 1:
            note = tr("y and {second}, 1 of {n:,}", second=found[1][0], n=record.channels)
        drawn.append(marks.label(left, places[-1] + 36, note, anchor="start", fade=True))
    return "".join(drawn), places


def to_values(places: Sequence[float], rows: Sequence[float], middle: float, over: str) -> str:
    """From the descriptors at `places` to all values that are made of them.

    Args:
        places: The middle of the height of each descriptor.
        rows: Those of the values that are drawn.
        middle: The middle of these rows.
        over: Stands above the line.

    Returns:
        The elements.
    """
    right = sum(DESCRIPTORS)
    return (
        "".join(marks.line([(right, y), (TURN, y), (TURN, middle)]) for y in places)
        + marks.line([(TURN, middle), (STEM, middle)])
        + marks.line([(STEM, min(rows[0], middle)), (STEM, max(rows[-1], middle))], fade=True)
        + marks.label(TURN + 2, middle - 10, over)
        + stubs(rows)
    )


def added(places: Sequence[float], own: float) -> str:
    """Average and maximum at `places` are added up in the channel's own row."""
    right, centre = sum(DESCRIPTORS), sum(places) / len(places)
    merged = [
        marks.line([(right, y), (TURN, y), (TURN, centre + (15 if y > centre else -15))])
        for y in places
    ]
    way = [(TURN + 15, centre), (STEM, centre), (STEM, own), (TIP, own)]
    return "".join(merged) + marks.circle(TURN, centre, "+") + marks.line(way, head=True)
