"""ECA-MobileNetV2 on torchvision's MobileNetV2."""

from collections.abc import Sequence
from typing import Any

from torch import nn
from torchvision.models.mobilenetv2 import InvertedResidual, MobileNetV2

from eca_viz.attention.mechanisms.eca import ECALayer

# Below this many channels the authors' layer has k = 1, from it on k = 3.
WIDE = 96


class ECAInvertedResidual(InvertedResidual):  # type: ignore[misc]
    """torchvision's inverted residual with an ECA layer behind the projection's batch norm."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.conv.append(ECALayer(self.out_channels, 3 if self.out_channels >= WIDE else 1))


def eca_mobilenet_v2(kernel_sizes: Sequence[int] | None = None, **kwargs: Any) -> nn.Module:
    """ECA-MobileNetV2; `kernel_sizes` gives one k for each of its 17 layers.

    Without it k is 1 below 96 channels and 3 from there on, as in the authors' checkpoint.
    Parameter names are those of the official ECA-Net repository
    (`features.2.conv.4.conv.weight`). Activations do not work in place, for Captum. Other
    arguments are torchvision's MobileNetV2's.
    """
    model: nn.Module = MobileNetV2(block=ECAInvertedResidual, **kwargs)
    for module in model.modules():
        if isinstance(module, nn.ReLU6):
            module.inplace = False
    blocks = [module for module in model.modules() if isinstance(module, ECAInvertedResidual)]
    if kernel_sizes is not None and len(kernel_sizes) != len(blocks):
        raise ValueError(f"got {len(kernel_sizes)} kernel sizes; give {len(blocks)}")
    for block, k in zip(blocks, kernel_sizes or (), strict=False):
        block.conv[-1] = ECALayer(block.out_channels, k)
    return model
