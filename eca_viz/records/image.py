"""An image."""

from dataclasses import dataclass

from eca_viz.records.base import Pixels, Record


@dataclass(frozen=True, eq=False)
class ImageInput(Record):
    """A photograph: `pixels` is RGB (H, W, 3); `sha256` is that of the bytes it came in.

    `sample` is the name of the sample that it is, empty for all others.
    """

    name: str
    sha256: str
    pixels: Pixels
    sample: str = ""
