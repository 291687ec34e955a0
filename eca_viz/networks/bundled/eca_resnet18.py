"""The bundled network: ECA-ResNet-18 trained on Imagenette by this project's recipe."""

from torch import nn

from eca_viz.networks.architectures.eca_resnet import eca_resnet18
from eca_viz.networks.preprocess import Preprocess
from eca_viz.networks.spec import NetworkSpec
from eca_viz.paths import ASSETS

LABELS = (
    "tench",
    "English springer",
    "cassette player",
    "chain saw",
    "church",
    "French horn",
    "garbage truck",
    "gas pump",
    "golf ball",
    "parachute",
)


def build() -> nn.Module:
    """ECA-ResNet-18 for Imagenette's ten classes, untrained."""
    return eca_resnet18(num_classes=len(LABELS), zero_init_residual=True)


ECA_RESNET18_IMAGENETTE = NetworkSpec(
    name="eca_resnet18_imagenette",
    title="ECA-ResNet-18 · Imagenette (10 classes)",
    build=build,
    preprocess=Preprocess(resize=176, crop=176),
    labels=LABELS,
    checkpoint=ASSETS / "weights" / "eca_resnet18_imagenette.safetensors",
    sha256="67b0dc8170606f7511373e7fed9a97303a9fef2ed04c67f17ccb5e977f6c9f14",
    gradcam_layer="layer4",
    source="trained from scratch by python -m eca_viz train on Imagenette (fast.ai)",
    licence="MIT",
    accuracy=0.9131,
)
