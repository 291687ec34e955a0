"""ECA-ResNet-18, 34, 50, 101 and 152 on torchvision's ResNet."""

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet

from eca_viz.attention.mechanisms.eca import ECALayer

STAGES = ("layer1", "layer2", "layer3", "layer4")


class ECABasicBlock(BasicBlock):  # type: ignore[misc]
    """torchvision's BasicBlock with an ECA layer before the shortcut is added.

    Each activation is a module of its own that does not work in place: Captum's layer
    and module-replacing methods are wrong on shared or in-place activations.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.relu = nn.ReLU()
        self.relu2 = nn.ReLU()
        self.eca = ECALayer(self.conv2.out_channels)

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.eca(self.bn2(self.conv2(out)))
        shortcut = x if self.downsample is None else self.downsample(x)
        activated: Tensor = self.relu2(out + shortcut)
        return activated


class ECABottleneck(Bottleneck):  # type: ignore[misc]
    """torchvision's Bottleneck with an ECA layer before the shortcut is added."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.relu = nn.ReLU()
        self.relu2 = nn.ReLU()
        self.relu3 = nn.ReLU()
        self.eca = ECALayer(self.conv3.out_channels)

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu2(self.bn2(self.conv2(out)))
        out = self.eca(self.bn3(self.conv3(out)))
        shortcut = x if self.downsample is None else self.downsample(x)
        activated: Tensor = self.relu3(out + shortcut)
        return activated


class ECAResNet(ResNet):  # type: ignore[misc]
    """torchvision's ResNet made of ECA blocks.

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
        super().__init__(block, list(layers), **kwargs)
        self.relu = nn.ReLU()
        if kernel_sizes is not None:
            if len(kernel_sizes) == len(STAGES):
                kernel_sizes = [
                    k for k, n in zip(kernel_sizes, layers, strict=True) for _ in range(n)
                ]
            blocks = (b for stage in STAGES for b in self.get_submodule(stage).children())
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
