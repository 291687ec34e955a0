"""Imagenette from its folder, each image as an explanation sees it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image
from torch import Tensor
from torchvision.datasets import Imagenette

from eca_viz.errors import DataError
from eca_viz.networks.preprocess import Preprocess


def seen_transform(preprocess: Preprocess) -> Callable[[Image.Image], Tensor]:
    """Resizes, crops and normalises an image to (3, crop, crop) as for an explanation."""

    def transform(image: Image.Image) -> Tensor:
        return preprocess.normalise(preprocess.crop_image(image.convert("RGB")))[0]

    return transform


def open_imagenette(root: Path, split: str, transform: Callable[[Any], Any]) -> Imagenette:
    """The 160 px edition of Imagenette.

    Args:
        root: The folder that holds imagenette2-160.
        split: "train" or "val".
        transform: Turns a PIL image into what the data set gives.

    Returns:
        Pairs of a transformed image and its class index, sorted by class.

    Raises:
        DataError: Imagenette is not there.
    """
    try:
        return Imagenette(str(root), split=split, size="160px", transform=transform)
    except (RuntimeError, OSError, KeyError) as error:  # torchvision has no error of its own
        raise DataError(
            f"no Imagenette in {root}: expected the folder {root / 'imagenette2-160'} with train "
            "and val in it; torchvision.datasets.Imagenette(root, size='160px', download=True) "
            "fetches it"
        ) from error
