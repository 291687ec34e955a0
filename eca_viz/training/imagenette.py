"""Imagenette as batches: augmented for training, as an explanation sees it for measuring."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, default_collate
from torchvision.datasets import Imagenette
from torchvision.transforms import v2

from eca_viz.errors import DataError
from eca_viz.networks.preprocess import IMAGENET_MEAN, IMAGENET_STD, Preprocess
from eca_viz.training.batches import Batches, Mix, Source, epoch_seed, mixer
from eca_viz.training.recipe import Recipe


def training_transform(size: int, smallest_crop: float) -> v2.Compose:
    """Random crop to size × size, flip and one random distortion, normalised."""
    return v2.Compose(
        [
            v2.PILToTensor(),
            v2.RandomResizedCrop(size, scale=(smallest_crop, 1.0), antialias=True),
            v2.RandomHorizontalFlip(),
            v2.TrivialAugmentWide(interpolation=v2.InterpolationMode.BILINEAR),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize(IMAGENET_MEAN, IMAGENET_STD),
        ]
    )


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


def training_batches(
    root: Path,
    *,
    size: int,
    smallest_crop: float,
    batch_size: int,
    mix: Mix,
    generator: torch.Generator,
    workers: int = 2,
) -> DataLoader[tuple[Tensor, Tensor]]:
    """Shuffled batches of Imagenette's training images; the last incomplete one is left out.

    Args:
        root: The folder that holds imagenette2-160.
        size: Side length of the crops in pixels.
        smallest_crop: The least share in (0, 1] of an image's area that a crop has.
        batch_size: Images in a batch.
        mix: Blends the images and labels of each batch, as `mixer` makes it.
        generator: Decides the order.
        workers: Processes that decode.

    Returns:
        A loader of one epoch.

    Raises:
        DataError: Imagenette is not there.
    """

    def collate(samples: list[Any]) -> Any:
        return mix(*default_collate(samples))

    dataset = open_imagenette(root, "train", training_transform(size, smallest_crop))
    return DataLoader(
        dataset,
        batch_size=batch_size,
        shuffle=True,
        drop_last=True,
        collate_fn=collate,
        generator=generator,
        num_workers=workers,
    )


def from_folder(data: Path, recipe: Recipe, *, seed: int, classes: int) -> Source:
    """Batches of Imagenette's training images, decoded as they are needed.

    Args:
        data: The folder that holds imagenette2-160.
        recipe: Gives sizes, batch size and blending.
        seed: Decides the order in every epoch.
        classes: Number of classes.

    Returns:
        A source for `Trainer`; it raises DataError for missing data and for fewer images than
        a batch.
    """

    def batches(epoch: int) -> Batches:
        cycle, _ = recipe.cycle_at(epoch)
        loader = training_batches(
            data,
            size=recipe.size_at(epoch),
            smallest_crop=recipe.smallest_crop,
            batch_size=recipe.batch_size,
            mix=mixer(recipe, cycle.mix_probability, classes),
            generator=torch.Generator().manual_seed(epoch_seed(seed, epoch)),
        )
        if len(loader) == 0:
            raise DataError(
                f"{data} holds {len(loader.dataset)} training images, fewer than a batch of "  # type: ignore[arg-type]
                f"{recipe.batch_size}; give a smaller batch size"
            )
        return loader

    return batches
