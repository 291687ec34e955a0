"""What is known of a network before it is loaded, and a loaded one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torchvision.transforms import InterpolationMode, v2

from eca_viz.errors import SaliencyError
from eca_viz.records import ImageInput, NetworkRecord, Pixels

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
LONGEST_RATIO = 4


@dataclass(frozen=True)
class Preprocess:
    """How a network wants its photographs: shorter side to `resize`, centre `crop`, normalised."""

    resize: int
    crop: int
    mean: tuple[float, float, float] = IMAGENET_MEAN
    std: tuple[float, float, float] = IMAGENET_STD
    interpolation: InterpolationMode = InterpolationMode.BILINEAR

    def picture(self, photograph: Image.Image) -> Pixels:
        """What the network sees of a photograph: RGB (crop, crop, 3)."""
        if max(photograph.size) > LONGEST_RATIO * min(photograph.size):
            # The centre crop takes none of the ends, and scaling them up could fill the memory.
            short = min(photograph.size)
            box = [min(side, LONGEST_RATIO * short) for side in photograph.size]
            photograph = v2.functional.center_crop(photograph, [box[1], box[0]])
        resized = v2.functional.resize(
            photograph, [self.resize], interpolation=self.interpolation, antialias=True
        )
        return np.array(v2.functional.center_crop(resized, [self.crop, self.crop]))

    def normalise(self, picture: Pixels) -> Tensor:
        """The tensor (1, 3, crop, crop) that goes into the network."""
        tensor = torch.tensor(picture).permute(2, 0, 1).float().div(255)
        normal: Tensor = v2.functional.normalize(tensor, list(self.mean), list(self.std))
        return normal.unsqueeze(0)

    def see(self, image: ImageInput) -> tuple[Pixels, Tensor]:
        """`picture` and the normalised tensor of an image."""
        picture = self.picture(Image.fromarray(image.pixels))
        return picture, self.normalise(picture)


@dataclass(frozen=True)
class NetworkSpec:
    """A network that can be loaded by name.

    `build` makes it with untrained weights; `checkpoint` is its safetensors file, whose
    bytes must have the digest `sha256`. `gradcam_layer` is the module behind the last
    stage. `accuracy` is the reported top-1 in [0, 1].
    """

    name: str
    title: str
    build: Callable[[], nn.Module]
    preprocess: Preprocess
    labels: tuple[str, ...]
    checkpoint: Path
    sha256: str
    gradcam_layer: str
    source: str
    licence: str
    accuracy: float


@dataclass(frozen=True, eq=False)
class Network:
    """A loaded network in evaluation mode, its parameters without gradients.

    It is shared: run a `clone` of `module` wherever hooks or replaced modules are needed.
    """

    spec: NetworkSpec
    module: nn.Module
    metadata: Mapping[str, Any]

    def record(self) -> NetworkRecord:
        """What a result says about the network that gave it."""
        spec = self.spec
        return NetworkRecord(
            spec.name, spec.title, spec.sha256, len(spec.labels), spec.source, spec.licence
        )

    def class_index(self, target: int | str) -> int:
        """Index of a class given by index or label; raises SaliencyError for an unknown one."""
        labels = self.spec.labels
        known = f"{self.spec.name} knows {len(labels)} classes: {', '.join(labels[:10])}"
        known += ", …" if len(labels) > 10 else ""
        text = str(target).strip()
        if text.lstrip("-").isdecimal():
            if 0 <= int(text) < len(labels):
                return int(text)
            raise SaliencyError(f"got class {text}; give 0 to {len(labels) - 1}. {known}")
        matches = [i for i, label in enumerate(labels) if label.casefold() == text.casefold()]
        if not matches:
            raise SaliencyError(f"got class {text!r}; {known}")
        return matches[0]
