"""An image."""

from dataclasses import dataclass

from eca_viz.records.base import Pixels, Record


@dataclass(frozen=True, eq=False)
class ImageInput(Record):
    """An image: `pixels` is RGB (H, W, 3), `sha256` the digest of the file's bytes.

    Of tensors, which a network may take instead of an image, there are no pixels.

    `sample` is the name of the sample image, empty for all others.
    """

    name: str
    sha256: str
    pixels: Pixels
    sample: str = ""
