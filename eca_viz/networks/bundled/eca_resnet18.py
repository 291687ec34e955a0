"""The bundled network: ECA-ResNet-18 trained on Imagenette by this project's recipe."""

from typing import TYPE_CHECKING

from eca_viz.networks.bundled.shipped import shipped
from eca_viz.networks.preprocess import Preprocess

if TYPE_CHECKING:
    from torch import nn


def build(classes: int) -> "nn.Module":
    """ECA-ResNet-18, untrained; each block starts as its shortcut."""
    from eca_viz.networks.architectures.eca_resnet import eca_resnet18

    return eca_resnet18(num_classes=classes, zero_init_residual=True)


ECA_RESNET18_IMAGENETTE = shipped(
    name="eca_resnet18_imagenette",
    title="ECA-ResNet-18 · Imagenette (10 classes)",
    build=build,
    preprocess=Preprocess(resize=176, crop=176),
    sha256="67b0dc8170606f7511373e7fed9a97303a9fef2ed04c67f17ccb5e977f6c9f14",
    source="trained from scratch by python -m eca_viz train on Imagenette (fast.ai)",
    accuracy=0.9131,
)
