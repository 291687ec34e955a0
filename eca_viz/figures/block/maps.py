"""A feature map as a grid of coloured cells whose values can be read."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eca_viz.figures import theme
from eca_viz.figures.block import marks
from eca_viz.records import Floats

SIDE = 107
MOST = 14  # cells in a row or a column
FEWEST = 7  # of equal parts; a size without such a divisor is cut into MOST parts
STEPS = 20  # of the scale
_STOPS = np.array(
    [[int(part) for part in re.findall(r"\d+", colour)] for _, colour in theme.ENTRY_SCALE]
)

Cells = NDArray[np.float64]


def cells_of(feature_map: Floats) -> Cells:
    """The map itself, or the means of its parts where it has more than MOST rows or columns."""
    rows, columns = (_edges(size) for size in feature_map.shape)
    sums = np.add.reduceat(feature_map.astype(np.float64), rows[:-1], axis=0)
    sums = np.add.reduceat(sums, columns[:-1], axis=1)
    means: Cells = sums / np.outer(np.diff(rows), np.diff(columns))
    return means


def _edges(size: int) -> NDArray[np.int64]:
    """Where the parts of a row or a column begin, and the last one ends."""
    equal = [count for count in range(FEWEST, MOST + 1) if size % count == 0]
    count = size if size <= MOST else max(equal, default=MOST)
    return np.linspace(0, size, count + 1).astype(np.int64)


def width(cells: Cells) -> float:
    """How much of SIDE the cells take."""
    return float(cells.shape[1] * _size(cells))


def _size(cells: Cells) -> float:
    return float(SIDE / max(cells.shape))


def grid(x: float, middle: float, cells: Cells, end: float, write: Callable[[float], str]) -> str:
    """The cells in the left of a square of SIDE; one shows its row, its column and its value.

    Args:
        x: The left edge of the square.
        middle: The middle of its height.
        cells: The values.
        end: The value at the ends of the colour scale.
        write: How a value is written.

    Returns:
        The elements.
    """
    rows, columns = cells.shape
    size = _size(cells)
    top = middle - size * rows / 2
    found = "".join(
        f'<path d="M{column} {row}h1v1h-1z" fill="{colour}">'
        f"<title>({row}, {column}) {write(value)}</title></path>"
        for (row, column), value, colour in zip(
            np.ndindex(rows, columns), cells.flat, _colours(cells, end), strict=True
        )
    )
    return (
        f'<g transform="translate({x:g} {top:g}) scale({size:.6g})" '
        f'shape-rendering="crispEdges">{found}</g>'
    )


def scale(x: float, top: float, end: float) -> str:
    """The colour scale that both maps share, with its numbers below it.

    Args:
        x: Its left edge.
        top: Its upper edge.
        end: The value at its right end; its left end is the negative one.

    Returns:
        The elements.
    """
    step = SIDE / STEPS
    values = np.linspace(-1, 1, STEPS)
    found = "".join(
        f'<path d="M{x + place * step:g} {top:g}h{step:g}v9h-{step:g}z" fill="{colour}"/>'
        for place, colour in enumerate(_colours(values, 1.0))
    )
    below = top + 9 + marks.TEXT
    return (
        f'<g shape-rendering="crispEdges">{found}</g>'
        + marks.label(x, below, _rounded(-end), anchor="start")
        + marks.label(x + SIDE, below, _rounded(end), anchor="end")
    )


def _rounded(value: float) -> str:
    return f"{value:.3g}".replace("-", "−")


def _colours(values: NDArray[Any], end: float) -> list[str]:
    """From blue over grey to red, as #rrggbb."""
    share = np.nan_to_num(np.clip(values.ravel() / end, -1, 1))
    parts = [np.interp(share, (-1, 0, 1), stops).round().astype(int) for stops in _STOPS.T]
    return [f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in zip(*parts, strict=True)]
