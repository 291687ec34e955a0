"""ResNet with a place for attention in its blocks, named and initialised as torchvision's.

It is not built on torchvision's own, whose import takes longer than PyTorch's.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

STAGES = ("layer1", "layer2", "layer3", "layer4")
WIDTHS = (64, 128, 256, 512)


class Block(nn.Module):
    """A residual block with a place for attention before the shortcut is added.

    Each activation is a module of its own that does not work in place: Captum's layer and
    module-replacing methods are wrong on shared or in-place activations.

    Attributes:
        expansion: Channels of its output for each of its `width`.
        last_norm: Name of the last batch norm before the shortcut is added.
    """

    expansion: int
    last_norm: str

    def attend(self, x: Tensor) -> Tensor:
        """The feature maps that are added to the shortcut, from those before attention."""
        return x


class BasicBlock(Block):
    """Two 3 × 3 convolutions."""

    expansion = 1
    last_norm = "bn2"

    def __init__(self, before: int, width: int, stride: int = 1) -> None:
        super().__init__()
        downsample = _downsample(before, width, stride)
        self.conv1 = nn.Conv2d(before, width, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU()
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.downsample = downsample
        self.relu2 = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.attend(self.bn2(self.conv2(out)))
        shortcut = x if self.downsample is None else self.downsample(x)
        activated: Tensor = self.relu2(out + shortcut)
        return activated


class Bottleneck(Block):
    """Convolutions 1 × 1 down, 3 × 3, and 1 × 1 up again.

    `groups` and `width_per_group` of the 3 × 3 convolution are those of ResNeXt and of wide
    ResNets.
    """

    expansion = 4
    last_norm = "bn3"

    def __init__(
        self, before: int, width: int, stride: int = 1, groups: int = 1, width_per_group: int = 64
    ) -> None:
        super().__init__()
        inner, after = width * width_per_group // 64 * groups, width * self.expansion
        downsample = _downsample(before, after, stride)
        self.conv1 = nn.Conv2d(before, inner, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(inner)
        self.relu = nn.ReLU()
        self.conv2 = nn.Conv2d(inner, inner, 3, stride, padding=1, groups=groups, bias=False)
        self.bn2 = nn.BatchNorm2d(inner)
        self.relu2 = nn.ReLU()
        self.conv3 = nn.Conv2d(inner, after, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(after)
        self.downsample = downsample
        self.relu3 = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu2(self.bn2(self.conv2(out)))
        out = self.attend(self.bn3(self.conv3(out)))
        shortcut = x if self.downsample is None else self.downsample(x)
        activated: Tensor = self.relu3(out + shortcut)
        return activated


class ResNet(nn.Module):
    """A ResNet of four stages, with `layers` blocks of a width of `widths` each.

    With `zero_init_residual` each block starts as its shortcut. Other options are the
    block's.
    """

    def __init__(
        self,
        block: type[Block],
        layers: Sequence[int],
        num_classes: int = 1000,
        *,
        widths: Sequence[int] = WIDTHS,
        zero_init_residual: bool = False,
        **options: int,
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, widths[0], 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(widths[0])
        self.relu = nn.ReLU()
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        *after, last = (width * block.expansion for width in widths)
        sizes = zip((widths[0], *after), widths, layers, (1, 2, 2, 2), strict=True)
        self.layer1, self.layer2, self.layer3, self.layer4 = (
            _stage(block, *size, **options) for size in sizes
        )
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(last, num_classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            elif zero_init_residual and isinstance(module, Block):
                nn.init.zeros_(module.get_parameter(f"{module.last_norm}.weight"))

    def forward(self, x: Tensor) -> Tensor:
        out = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        out = self.layer4(self.layer3(self.layer2(self.layer1(out))))
        scores: Tensor = self.fc(torch.flatten(self.avgpool(out), 1))
        return scores


def _stage(
    block: type[Block], before: int, width: int, count: int, stride: int, **options: int
) -> nn.Sequential:
    first = block(before, width, stride, **options)
    after = width * block.expansion
    return nn.Sequential(first, *(block(after, width, **options) for _ in range(count - 1)))


def _downsample(before: int, after: int, stride: int) -> nn.Module | None:
    """What brings a shortcut to the size of the branch beside it, None where it has it."""
    if stride == 1 and before == after:
        return None
    return nn.Sequential(nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after))
