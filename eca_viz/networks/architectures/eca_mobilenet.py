"""ECA-MobileNetV2 on torchvision's MobileNetV2."""

from collections.abc import Sequence
from typing import Any

from torch import nn

from eca_viz.attention.mechanisms.eca import ECALayer
from eca_viz.version import require

# Below this many channels the authors' layer has k = 1, from it on k = 3.
WIDE = 96


def eca_mobilenet_v2(kernel_sizes: Sequence[int] | None = None, **kwargs: Any) -> nn.Module:
    """ECA-MobileNetV2; `kernel_sizes` gives one k for each of its 17 layers.

    Without it k is 1 below 96 channels and 3 from there on, as in the authors' checkpoint. A
    layer stands behind the batch norm of each projection; parameter names are those of the
    official ECA-Net repository (`features.2.conv.4.conv.weight`). Activations do not work in
    place, for Captum. Other arguments are torchvision's MobileNetV2's.
    """
    require("torchvision", "hub")
    from torchvision.models.mobilenetv2 import InvertedResidual, MobileNetV2  # slow to import

    model: nn.Module = MobileNetV2(**kwargs)
    blocks = [module for module in model.modules() if isinstance(module, InvertedResidual)]
    for module in model.modules():
        if isinstance(module, nn.ReLU6):
            module.inplace = False
    if kernel_sizes is None:
        kernel_sizes = [3 if block.out_channels >= WIDE else 1 for block in blocks]
    if len(kernel_sizes) != len(blocks):
        raise ValueError(f"got {len(kernel_sizes)} kernel sizes; give {len(blocks)}")
    for block, k in zip(blocks, kernel_sizes, strict=True):
        block.conv.append(ECALayer(block.out_channels, k))
    return model
