"""The bundled network: ECA-ResNet-18 trained on Imagenette by this project's recipe."""

from typing import TYPE_CHECKING

from eca_viz.locale.texts import text
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
    title=text("ECA-ResNet-18 · Imagenette (10 classes)"),
    build=build,
    preprocess=Preprocess(resize=176, crop=176),
    sha256="5c4341ec15e802787bf72be75fdc477604178f514d6f95523099188a278c9dc9",
    source=text("trained from scratch by python -m eca_viz train on Imagenette (fast.ai)"),
    accuracy=0.9381,
)
