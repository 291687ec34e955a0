"""From an image to the tensor that goes into a network."""

from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms import InterpolationMode, v2

from eca_viz.records import ImageInput, Pixels

IMAGENET_MEAN = (0.485, 0.456, 0.406)


IMAGENET_STD = (0.229, 0.224, 0.225)


LONGEST_RATIO = 4


@dataclass(frozen=True)
class Preprocess:
    """From an image to the input: shorter side to `resize`, centre `crop`, normalised."""

    resize: int
    crop: int
    mean: tuple[float, float, float] = IMAGENET_MEAN
    std: tuple[float, float, float] = IMAGENET_STD
    interpolation: InterpolationMode = InterpolationMode.BILINEAR

    def crop_image(self, image: Image.Image) -> Pixels:
        """The resized and cropped part of an image: RGB (crop, crop, 3)."""
        if max(image.size) > LONGEST_RATIO * min(image.size):
            # The centre crop takes none of the ends, and scaling them up could fill the memory.
            short = min(image.size)
            box = [min(side, LONGEST_RATIO * short) for side in image.size]
            image = v2.functional.center_crop(image, [box[1], box[0]])
        resized = v2.functional.resize(
            image, [self.resize], interpolation=self.interpolation, antialias=True
        )
        return np.array(v2.functional.center_crop(resized, [self.crop, self.crop]))

    def normalise(self, pixels: Pixels) -> Tensor:
        """The tensor (1, 3, crop, crop) that goes into the network."""
        tensor = torch.tensor(pixels).permute(2, 0, 1).float().div(255)
        normal: Tensor = v2.functional.normalize(tensor, list(self.mean), list(self.std))
        return normal.unsqueeze(0)

    def see(self, image: ImageInput) -> tuple[Pixels, Tensor]:
        """The cropped pixels (crop, crop, 3) and the normalised tensor (1, 3, crop, crop)."""
        pixels = self.crop_image(Image.fromarray(image.pixels))
        return pixels, self.normalise(pixels)
