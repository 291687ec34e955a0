"""Imagenette in memory: decoded once, then augmented a batch at a time."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms import v2

from eca_viz.errors import DataError
from eca_viz.networks.preprocess import IMAGENET_MEAN, IMAGENET_STD, Preprocess
from eca_viz.training.batches import Batches, Source, epoch_seed, mixer
from eca_viz.training.imagenette import open_imagenette
from eca_viz.training.recipe import Recipe

ASPECTS = (3 / 4, 4 / 3)
JITTER = 0.3
# Images that one distortion is drawn for.
ALIKE = 16

# From crops in [0, 255] to as many of the same size.
Change = Callable[[Tensor], Tensor]


@dataclass(frozen=True, eq=False)
class LabelledImages:
    """Images as a network sees them: `pixels` uint8 (n, 3, side, side), `labels` (n,)."""

    pixels: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)

    def to(self, device: str) -> "LabelledImages":
        """The same images on a device."""
        return LabelledImages(self.pixels.to(device), self.labels.to(device))


def read_images(
    root: Path, split: str, side: int, progress: Callable[[int, int], None]
) -> LabelledImages:
    """Imagenette's images, resized and cropped to `side` × `side` as in an explanation.

    Args:
        root: The folder that holds imagenette2-160.
        split: "train" or "val".
        side: Side length in pixels.
        progress: Called with the number of images done and their total.

    Returns:
        All images of the split with their labels.

    Raises:
        DataError: The data are missing.
    """
    preprocess = Preprocess(resize=side, crop=side)

    def pixels_of(image: Image.Image) -> Tensor:
        return torch.from_numpy(preprocess.crop_image(image.convert("RGB"))).permute(2, 0, 1)

    dataset = open_imagenette(root, split, pixels_of)
    pixels = torch.empty((len(dataset), 3, side, side), dtype=torch.uint8)
    labels = torch.empty(len(dataset), dtype=torch.int64)
    with ThreadPoolExecutor() as pool:
        decoded = pool.map(dataset.__getitem__, range(len(dataset)))
        for number, (pixel, label) in enumerate(decoded):
            pixels[number], labels[number] = pixel, label
            progress(number + 1, len(dataset))
    return LabelledImages(pixels, labels)


def normalise(pixels: Tensor) -> Tensor:
    """Pixels uint8 (n, 3, H, W) as float32, scaled and normalised for a network."""
    normal: Tensor = v2.functional.normalize(
        pixels.float().div(255), list(IMAGENET_MEAN), list(IMAGENET_STD)
    )
    return normal


def relight(crops: Tensor) -> Tensor:
    """Random brightness and contrast of each of float crops (n, 3, size, size) in [0, 255]."""
    brightness, contrast = torch.empty(2, len(crops), 1, 1, 1, device=crops.device).uniform_(
        1 - JITTER, 1 + JITTER
    )
    mean = crops.mean((1, 2, 3), keepdim=True)
    relit: Tensor = ((crops - mean) * contrast + mean * brightness).clamp(0, 255)
    return relit


def distort(crops: Tensor) -> Tensor:
    """One random distortion for every few of float crops (n, 3, size, size) in [0, 255]: uint8.

    The distortions are torchvision's TrivialAugmentWide (Müller and Hutter, ICCV 2021).
    """
    change = v2.TrivialAugmentWide(interpolation=v2.InterpolationMode.BILINEAR)
    whole = crops.round().to(torch.uint8)
    return torch.cat([change(few) for few in torch.split(whole, ALIKE)])


def augment(pixels: Tensor, size: int, smallest_crop: float, change: Change = relight) -> Tensor:
    """Random crop and horizontal flip of each image, and another random change.

    Args:
        pixels: uint8 (n, 3, side, side).
        size: Side length of the crops in pixels; aspect ratios are those of ASPECTS.
        smallest_crop: The least share in (0, 1] of an image's area that a crop has.
        change: What is done to the crops, `relight` or `distort`.

    Returns:
        Normalised float32 (n, 3, size, size).
    """
    return normalise(change(_crop(pixels, size, smallest_crop)))


def _crop(pixels: Tensor, size: int, smallest_crop: float) -> Tensor:
    """Crops and flips, by one affine map for each image: float32 in [0, 255]."""
    count = len(pixels)
    device = pixels.device

    def draw(low: float, high: float) -> Tensor:
        return torch.empty(count, device=device).uniform_(low, high)

    area = draw(smallest_crop, 1)
    aspect = draw(*(torch.tensor(ASPECTS).log().tolist())).exp()
    width, height = (area * aspect).sqrt().clamp(max=1), (area / aspect).sqrt().clamp(max=1)
    right = (1 - width) * draw(-1, 1)
    down = (1 - height) * draw(-1, 1)
    flip = torch.randint(0, 2, (count,), device=device) * 2 - 1
    zero = torch.zeros(count, device=device)
    maps = torch.stack([width * flip, zero, right, zero, height, down], 1).view(count, 2, 3)
    grid = torch.nn.functional.affine_grid(maps, [count, 3, size, size], align_corners=False)
    return torch.nn.functional.grid_sample(
        pixels.float(), grid, padding_mode="reflection", align_corners=False
    )


class _Shuffled:
    """One epoch over images in memory."""

    def __init__(
        self,
        images: LabelledImages,
        recipe: Recipe,
        epoch: int,
        *,
        seed: int,
        classes: int,
        change: Change,
    ):
        self.images, self.recipe, self.epoch, self.change = images, recipe, epoch, change
        self.generator = torch.Generator().manual_seed(epoch_seed(seed, epoch))
        self.mix = mixer(recipe, recipe.cycle_at(epoch)[0].mix_probability, classes)

    def __len__(self) -> int:
        return len(self.images) // self.recipe.batch_size

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        order = torch.randperm(len(self.images), generator=self.generator)
        order = order.to(self.images.labels.device)
        size = self.recipe.size_at(self.epoch)
        for number in range(len(self)):
            picked = order[number * self.recipe.batch_size :][: self.recipe.batch_size]
            images = augment(
                self.images.pixels[picked], size, self.recipe.smallest_crop, self.change
            )
            yield self.mix(images, self.images.labels[picked])


def from_memory(
    images: LabelledImages,
    recipe: Recipe,
    *,
    seed: int,
    classes: int,
    change: Change = relight,
) -> Source:
    """Batches of images in memory.

    Args:
        images: The training images.
        recipe: Gives sizes, batch size and blending.
        seed: Decides the order in every epoch.
        classes: Number of classes.
        change: As in `augment`.

    Returns:
        A source for `Trainer`; its batches lie where the images do.

    Raises:
        DataError: There are fewer images than a batch.
    """
    if len(images) < recipe.batch_size:
        raise DataError(
            f"got {len(images)} training images, fewer than a batch of {recipe.batch_size}"
        )

    def batches(epoch: int) -> Batches:
        return _Shuffled(images, recipe, epoch, seed=seed, classes=classes, change=change)

    return batches
