"""ECA-ResNet-18, 34, 50, 101 and 152."""

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from eca_viz.attention.mechanisms.eca import ECALayer
from eca_viz.networks.architectures.resnet import STAGES, BasicBlock, Bottleneck, ResNet


class ECABasicBlock(BasicBlock):
    """A BasicBlock with an ECA layer before the shortcut is added."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.eca = ECALayer(self.conv2.out_channels)

    def attend(self, x: Tensor) -> Tensor:
        gated: Tensor = self.eca(x)
        return gated


class ECABottleneck(Bottleneck):
    """A Bottleneck with an ECA layer before the shortcut is added."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.eca = ECALayer(self.conv3.out_channels)

    def attend(self, x: Tensor) -> Tensor:
        gated: Tensor = self.eca(x)
        return gated


class ECAResNet(ResNet):
    """A ResNet made of ECA blocks.

    `kernel_sizes` holds one k for each of the four stages, or one for each block; without it
    every layer follows Eq. 12 on its own channels. Parameter names are those of the official
    ECA-Net repository (`layer1.0.eca.conv.weight`). Other arguments are ResNet's.
    """

    def __init__(
        self,
        block: type[ECABasicBlock] | type[ECABottleneck],
        layers: Sequence[int],
        *,
        kernel_sizes: Sequence[int] | None = None,
        **kwargs: Any,
    ) -> None:
        if kernel_sizes is not None and len(kernel_sizes) not in {len(STAGES), sum(layers)}:
            raise ValueError(
                f"got {len(kernel_sizes)} kernel sizes {tuple(kernel_sizes)}; give one for each "
                f"of the {len(STAGES)} stages or of the {sum(layers)} blocks"
            )
        super().__init__(block, layers, **kwargs)
        if kernel_sizes is not None:
            if len(kernel_sizes) == len(STAGES):
                kernel_sizes = [
                    k for k, n in zip(kernel_sizes, layers, strict=True) for _ in range(n)
                ]
            blocks = (module for module in self.modules() if isinstance(module, block))
            for module, k in zip(blocks, kernel_sizes, strict=True):
                module.eca = ECALayer(module.eca.channels, k)


def eca_resnet18(**kwargs: Any) -> ECAResNet:
    """ECA-ResNet-18; arguments are ECAResNet's."""
    return ECAResNet(ECABasicBlock, (2, 2, 2, 2), **kwargs)


def eca_resnet34(**kwargs: Any) -> ECAResNet:
    """ECA-ResNet-34; arguments are ECAResNet's."""
    return ECAResNet(ECABasicBlock, (3, 4, 6, 3), **kwargs)


def eca_resnet50(**kwargs: Any) -> ECAResNet:
    """ECA-ResNet-50; arguments are ECAResNet's."""
    return ECAResNet(ECABottleneck, (3, 4, 6, 3), **kwargs)


def eca_resnet101(**kwargs: Any) -> ECAResNet:
    """ECA-ResNet-101; arguments are ECAResNet's."""
    return ECAResNet(ECABottleneck, (3, 4, 23, 3), **kwargs)


def eca_resnet152(**kwargs: Any) -> ECAResNet:
    """ECA-ResNet-152; arguments are ECAResNet's."""
    return ECAResNet(ECABottleneck, (3, 8, 36, 3), **kwargs)
