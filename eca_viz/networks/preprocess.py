"""From an image to the tensor that goes into a network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from eca_viz.records import ImageInput, Pixels

if TYPE_CHECKING:
    from torch import Tensor

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
LONGEST_RATIO = 4


@dataclass(frozen=True)
class Preprocess:
    """From an image to the input: shorter side to `resize`, centre `crop`, normalised.

    The same numbers as those of torchvision's Resize, CenterCrop and Normalize.
    """

    resize: int
    crop: int
    mean: tuple[float, float, float] = IMAGENET_MEAN
    std: tuple[float, float, float] = IMAGENET_STD
    interpolation: Image.Resampling = Image.Resampling.BILINEAR

    def crop_image(self, image: Image.Image) -> Pixels:
        """The resized and cropped part of an image: RGB (crop, crop, 3)."""
        short, long = sorted(image.size)
        if long > LONGEST_RATIO * short:
            # The centre crop takes none of the ends, and scaling them up could fill the memory.
            long = LONGEST_RATIO * short
            image = _centre_crop(image, *(min(side, long) for side in image.size))
        width, height = (self.resize * side // short for side in image.size)
        resized = image.resize((width, height), self.interpolation)
        return np.array(_centre_crop(resized, self.crop, self.crop))

    def normalise(self, pixels: Pixels) -> Tensor:
        """The tensor (n, 3, crop, crop) that goes into the network, of one image or of n."""
        import torch

        mean, std = (torch.tensor(values).view(3, 1, 1) for values in (self.mean, self.std))
        colours = torch.from_numpy(np.array(pixels, ndmin=4)).permute(0, 3, 1, 2).float().div(255)
        normal: Tensor = (colours - mean) / std
        # Plane after plane for one image, so that its numbers are those of the stored results to
        # the last bit; of several images the network takes the channels of a pixel together.
        return normal.contiguous() if len(normal) == 1 else normal

    def see(self, image: ImageInput) -> tuple[Pixels, Tensor]:
        """The cropped pixels (crop, crop, 3) and the normalised tensor (1, 3, crop, crop)."""
        pixels = self.see_pixels(image)
        return pixels, self.normalise(pixels)

    def see_pixels(self, image: ImageInput) -> Pixels:
        """The cropped pixels (crop, crop, 3) alone."""
        return self.crop_image(Image.fromarray(image.pixels))


def _centre_crop(image: Image.Image, width: int, height: int) -> Image.Image:
    left, top = _begin(image.width, width), _begin(image.height, height)
    return image.crop((left, top, left + width, top + height))


def _begin(length: int, crop: int) -> int:
    """Where a centred crop begins; below 0 where black is added on both sides."""
    return round((length - crop) / 2) if crop <= length else -((crop - length) // 2)
