"""The marks of an SVG drawing: text, boxes, arrows and numbers.

Lines and text take the colour of what surrounds the drawing, so that it is legible on light pages,
on dark ones and in print.
"""

import html
import re
from collections.abc import Sequence

import numpy as np
from plotly.colors import sample_colorscale

from eca_viz.figures import theme

TEXT = 17
LINE = 20  # from one line of text to the next
BOX = 78, 32
FAINT = 0.7
# What XML 1.0 cannot hold.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Point = tuple[float, float]


def escaped(words: str) -> str:
    """Text that can stand in an element or in an attribute."""
    return html.escape(_ILLEGAL.sub("\ufffd", words))


def hover(words: str) -> str:
    """What a browser shows while the pointer is on the element that this stands in."""
    return f"<title>{escaped(words)}</title>"


def short(value: float) -> str:
    """A number in at most eight characters: four digits behind the point, fewer of a large one."""
    size = abs(float(value))
    if size == 0:
        return "0"
    if not 0.00005 <= size < 99999.5:
        return _typeset(f"{value:.1e}")
    return _typeset(f"{value:.{5 - len(str(int(size)))}f}")


def exact(value: float) -> str:
    """All digits of a single-precision number."""
    return _typeset(str(np.float32(value) + np.float32(0)))


def _typeset(number: str) -> str:
    return number.replace("-", "−")


def label(
    x: float,
    y: float,
    words: str,
    *,
    anchor: str = "middle",
    bold: bool = False,
    fade: bool = False,
) -> str:
    """One line of text.

    Args:
        x: Of its anchor.
        y: Of its base line.
        words: The text.
        anchor: "start", "middle" or "end".
        bold: For the name of a part.
        fade: For what is secondary.

    Returns:
        The element.
    """
    look = "" if anchor == "middle" else f' text-anchor="{anchor}"'
    look += ' font-weight="600"' if bold else ""
    look += f' fill-opacity="{FAINT}"' if fade else ""
    return f'<text x="{x:g}" y="{y:g}"{look}>{escaped(words)}</text>'


def heading(x: float, bottom: float, lines: Sequence[str], *, anchor: str = "middle") -> str:
    """The name of a part in one or more lines above it, the first one bold.

    Args:
        x: Of the text's anchor.
        bottom: Base line of the last line.
        lines: The lines of text.
        anchor: As in `label`.

    Returns:
        The elements.
    """
    top = bottom - LINE * (len(lines) - 1)
    return "".join(
        label(x, top + LINE * place, words, anchor=anchor, bold=place == 0)
        for place, words in enumerate(lines)
    )


def line(points: Sequence[Point], *, fade: bool = False, head: bool = False) -> str:
    """Straight lines from point to point.

    Args:
        points: At least two.
        fade: For what is secondary.
        head: Whether the line ends in the head of an arrow.

    Returns:
        The elements.
    """
    way = " ".join(f"{x:g},{y:g}" for x, y in points)
    look = ' stroke-opacity="0.45"' if fade else ""
    drawn = f'<polyline points="{way}" fill="none" stroke="currentColor" stroke-width="1.5"{look}/>'
    return drawn + (_head(points[-2], points[-1], fade=fade) if head else "")


def _head(start: Point, end: Point, *, fade: bool) -> str:
    """A triangle whose tip is the end of a line."""
    along = np.subtract(end, start)
    along = along / np.hypot(*along)
    across = np.array([-along[1], along[0]])
    corners = (np.array(end), end - 9 * along + 4.5 * across, end - 9 * along - 4.5 * across)
    way = " ".join(f"{x:.4g},{y:.4g}" for x, y in corners)
    look = ' fill-opacity="0.45"' if fade else ""
    return f'<polygon points="{way}"{look}/>'


def circle(x: float, y: float, sign: str) -> str:
    """An operation: its sign in a circle.

    Args:
        x: The centre of the circle.
        y: The centre of the circle.
        sign: One letter.

    Returns:
        The elements.
    """
    return (
        f'<circle cx="{x:g}" cy="{y:g}" r="15" fill="none" stroke="currentColor" '
        f'stroke-width="1.5"/>{label(x, y + 6, sign, bold=True)}'
    )


def frame(
    x: float, y: float, *, wide: float = BOX[0], dashed: bool = False, own: bool = False
) -> str:
    """The outline of a box.

    Args:
        x: Its left edge.
        y: The middle of its height.
        wide: Its width.
        dashed: For the padding.
        own: For the channel's own number.

    Returns:
        The element.
    """
    stroke = (
        f'"{theme.SECOND}" stroke-width="2.5"' if own else '"currentColor" stroke-opacity="0.5"'
    )
    dash = ' stroke-dasharray="4 3"' if dashed else ""
    return (
        f'<rect x="{x:g}" y="{y - BOX[1] / 2:g}" width="{wide:g}" height="{BOX[1]}" rx="5" '
        f'fill-opacity="0.05" stroke={stroke}{dash}/>'
    )


def bar(x: float, y: float, share: float, colour: str) -> str:
    """At the lower edge of a box, how large its number is among those of its column.

    Args:
        x: The left edge of the box.
        y: The middle of its height.
        share: In [0, 1].
        colour: Says the sign.

    Returns:
        The element; empty where nothing would be seen.
    """
    if not share >= 0.01:  # NaN too
        return ""
    width = round(share * (BOX[0] - 12), 1)
    return (
        f'<rect x="{x + 6:g}" y="{y + BOX[1] / 2 - 7:g}" width="{width:g}" height="4" '
        f'fill="{colour}"/>'
    )


def group(words: str, *marks: str) -> str:
    """Marks that show the same text while the pointer is on one of them."""
    return f"<g>{hover(words)}{''.join(marks)}</g>"


def gate_colour(gate: float, span: tuple[float, float]) -> str:
    """The colour of a gate on the scale of all gates, as #rrggbb."""
    low, high = span
    share = float(np.clip(np.nan_to_num(gate - low) / ((high - low) or 1.0), 0, 1))
    (rgb,) = sample_colorscale(theme.GATE_SCALE, [share], colortype="tuple")
    return "#" + "".join(f"{round(255 * part):02x}" for part in rgb)


def ink_on(colour: str) -> str:
    """Black or white, whichever has the higher contrast on a colour #rrggbb."""
    parts = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    light = float(linear @ (0.2126, 0.7152, 0.0722))
    return "#000000" if (light + 0.05) ** 2 > 0.05 * 1.05 else "#ffffff"
