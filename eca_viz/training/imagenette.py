"""Imagenette as batches: augmented for training, as the network sees it for measuring."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, default_collate
from torchvision.datasets import Imagenette
from torchvision.transforms import v2

from eca_viz.errors import DataError
from eca_viz.networks.preprocess import IMAGENET_MEAN, IMAGENET_STD


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


def open_imagenette(root: Path, split: str, transform: Callable[[Any], Any]) -> Imagenette:
    """The 160 px edition of Imagenette below `root`; `split` is "train" or "val".

    Raises DataError where it is not there.
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
    mix: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]],
    generator: torch.Generator,
    workers: int = 2,
) -> DataLoader[tuple[Tensor, Tensor]]:
    """Shuffled training batches; `mix` blends the photographs and labels of each batch."""

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
