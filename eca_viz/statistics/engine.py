"""What an engine spreads over processes: images in chunks, and the work on one chunk."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from eca_viz.errors import ImageError
from eca_viz.images.reading import read_image
from eca_viz.networks.preprocess import Preprocess
from eca_viz.networks.spec import Network
from eca_viz.records import Pixels
from eca_viz.statistics.accumulate import Part
from eca_viz.statistics.listing import Item

# Small enough that feature maps stay in a processor's cache.
BATCH = 16
# Images in a chunk, a multiple of BATCH: what is kept at a time when a run is stopped.
CHUNK = 256

# A row for each image, by column.
Rows = dict[str, list[Any]]


@dataclass(frozen=True)
class Chunk:
    """The images of one chunk: the number of the first, and all of them in their order."""

    number: int
    first: int
    items: tuple[Item, ...]


@dataclass(frozen=True, eq=False)
class Result:
    """What came of a chunk: its number, rows of its images, and their statistics, if any."""

    number: int
    rows: Rows
    part: Part


@dataclass(frozen=True, eq=False)
class Seen:
    """An image as a network sees it, RGB (crop, crop, 3), or the `problem` with its file."""

    number: int
    item: Item
    sha256: str = ""
    pixels: Pixels | None = None
    problem: str = ""


@dataclass(frozen=True, eq=False)
class Batch:
    """Pixels (BATCH, crop, crop, 3), black behind the images that could be read, and all `seen`.

    Every batch has the same size, so that an image gives the same numbers in each.
    """

    pixels: Pixels
    seen: tuple[Seen, ...]

    @property
    def good(self) -> tuple[Seen, ...]:
        """The images that could be read; they come first in `pixels`."""
        return tuple(one for one in self.seen if one.pixels is not None)


class Worker(Protocol):
    """Work on chunks in one process, with the network loaded."""

    def run(self, number: int, batches: Iterable[Batch]) -> Result:
        """Works on a chunk, whose batches come in the order of its images."""


class Task(Protocol):
    """Work on the images of a folder; an engine may send it to another process."""

    @property
    def preprocess(self) -> Preprocess:
        """From an image to the network's input."""

    @property
    def network(self) -> Network:
        """The network that runs."""

    def open(self, device: str) -> Worker:
        """Makes a worker in the process that calls it, on PyTorch's `device`."""


# An engine: takes a task, the folder and the chunks that are wanted; gives their results in any
# order.
Engine = Callable[[Task, Path, Sequence[Chunk]], Iterator[Result]]


def chunks(items: Sequence[Item], size: int | None = None) -> tuple[Chunk, ...]:
    """All images in chunks of CHUNK, or `size`; none depends on which others are worked on."""
    size = size or CHUNK
    return tuple(
        Chunk(number, first, tuple(items[first : first + size]))
        for number, first in enumerate(range(0, len(items), size))
    )


def see(folder: Path, number: int, item: Item, preprocess: Preprocess) -> Seen:
    """Reads one image; one that cannot be used has a problem and raises nothing.

    Args:
        folder: What the image's path is relative to.
        number: The image's number.
        item: The image.
        preprocess: From an image to the network's input.

    Returns:
        What the network sees of it.
    """
    try:
        image = read_image(folder / item.path)
        return Seen(number, item, image.sha256, preprocess.see_pixels(image))
    except ImageError as error:
        return Seen(number, item, problem=error.args[0])


def batch(seen: Sequence[Seen], preprocess: Preprocess) -> Batch:
    """At most BATCH images as a batch."""
    side = preprocess.crop
    pixels: NDArray[np.uint8] = np.zeros((BATCH, side, side, 3), np.uint8)
    good = [one.pixels for one in seen if one.pixels is not None]
    pixels[: len(good)] = np.array(good, np.uint8).reshape(-1, side, side, 3)
    return Batch(pixels, tuple(seen))


def read_batches(task: Task, folder: Path, chunk: Chunk) -> Iterator[Batch]:
    """The batches of a chunk, read one after the other in this process.

    Args:
        task: What they are read for.
        folder: Where the images lie.
        chunk: Which of them.

    Yields:
        Each batch.
    """
    for start in range(0, len(chunk.items), BATCH):
        numbered = enumerate(chunk.items[start : start + BATCH], chunk.first + start)
        seen = [see(folder, number, item, task.preprocess) for number, item in numbered]
        yield batch(seen, task.preprocess)
