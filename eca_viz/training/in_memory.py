"""Imagenette in memory: decoded once, then augmented a batch at a time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms import v2

from eca_viz.errors import DataError
from eca_viz.networks.preprocess import IMAGENET_MEAN, IMAGENET_STD, Preprocess
from eca_viz.training.imagenette import open_imagenette
from eca_viz.training.recipe import Batches, Recipe, Source, mixer

ASPECTS = (3 / 4, 4 / 3)
JITTER = 0.3


@dataclass(frozen=True, eq=False)
class Pictures:
    """Photographs as a network sees them: `pixels` uint8 (n, 3, side, side), `labels` (n,)."""

    pixels: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)


def read_pictures(
    root: Path, split: str, side: int, progress: Callable[[int, int], None]
) -> Pictures:
    """Imagenette's photographs of a split ("train" or "val"), resized to `side` × `side`.

    They are cut as in an explanation. `progress` is called with the number done and their
    total. Raises DataError without data.
    """
    preprocess = Preprocess(resize=side, crop=side)

    def picture(photograph: Image.Image) -> Tensor:
        return torch.from_numpy(preprocess.picture(photograph.convert("RGB"))).permute(2, 0, 1)

    dataset = open_imagenette(root, split, picture)
    pixels = torch.empty((len(dataset), 3, side, side), dtype=torch.uint8)
    labels = torch.empty(len(dataset), dtype=torch.int64)
    for number, (pixel, label) in enumerate(dataset):
        pixels[number], labels[number] = pixel, label
        progress(number + 1, len(dataset))
    return Pictures(pixels, labels)


def normalise(pixels: Tensor) -> Tensor:
    """uint8 (n, 3, H, W) as a network wants it."""
    normal: Tensor = v2.functional.normalize(
        pixels.float().div(255), list(IMAGENET_MEAN), list(IMAGENET_STD)
    )
    return normal


def augment(pixels: Tensor, size: int, smallest_crop: float) -> Tensor:
    """Each photograph cropped at random to size × size, flipped or not, its light changed.

    The crop has `smallest_crop` to all of the area and ASPECTS of shape. One affine map for
    each photograph does crop and flip together. `pixels` is uint8 (n, 3, side, side), the
    result normalised.
    """
    count = len(pixels)
    area = torch.empty(count).uniform_(smallest_crop, 1)
    aspect = torch.empty(count).uniform_(*(torch.tensor(ASPECTS).log().tolist())).exp()
    width, height = (area * aspect).sqrt().clamp(max=1), (area / aspect).sqrt().clamp(max=1)
    right = (1 - width) * torch.empty(count).uniform_(-1, 1)
    down = (1 - height) * torch.empty(count).uniform_(-1, 1)
    flip = torch.randint(0, 2, (count,)) * 2 - 1
    zero = torch.zeros(count)
    maps = torch.stack([width * flip, zero, right, zero, height, down], 1).view(count, 2, 3)
    grid = torch.nn.functional.affine_grid(maps, [count, 3, size, size], align_corners=False)
    cut = torch.nn.functional.grid_sample(
        pixels.float(), grid, padding_mode="reflection", align_corners=False
    )
    brightness, contrast = torch.empty(2, count, 1, 1, 1).uniform_(1 - JITTER, 1 + JITTER)
    mean = cut.mean((1, 2, 3), keepdim=True)
    return normalise(((cut - mean) * contrast + mean * brightness).clamp(0, 255))


class _Shuffled:
    """One epoch over pictures in memory."""

    def __init__(self, pictures: Pictures, recipe: Recipe, epoch: int, seed: int, classes: int):
        self.pictures, self.recipe, self.epoch = pictures, recipe, epoch
        self.generator = torch.Generator().manual_seed(seed * 100_003 + epoch)
        self.mix = mixer(recipe, recipe.cycle_at(epoch)[0].mix_probability, classes)

    def __len__(self) -> int:
        return len(self.pictures) // self.recipe.batch_size

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        order = torch.randperm(len(self.pictures), generator=self.generator)
        size = self.recipe.size_at(self.epoch)
        for number in range(len(self)):
            picked = order[number * self.recipe.batch_size :][: self.recipe.batch_size]
            images = augment(self.pictures.pixels[picked], size, self.recipe.smallest_crop)
            yield self.mix(images, self.pictures.labels[picked])


def from_memory(pictures: Pictures, recipe: Recipe, *, seed: int, classes: int) -> Source:
    """Batches of pictures in memory; raises DataError for fewer than a batch."""
    if len(pictures) < recipe.batch_size:
        raise DataError(
            f"got {len(pictures)} training photographs, fewer than a batch of {recipe.batch_size}"
        )

    def batches(epoch: int) -> Batches:
        return _Shuffled(pictures, recipe, epoch, seed, classes)

    return batches
