"""The small ResNet of the ablation: one backbone, any attention by name."""

from typing import Any

import torch
from torch import Tensor, nn
from torchvision.models.resnet import BasicBlock, conv1x1

from eca_viz.attention.variants import Sizes, find_variant

WIDTHS = (32, 64, 128, 128)


class AttentionBasicBlock(BasicBlock):  # type: ignore[misc]
    """torchvision's BasicBlock with a place for attention before the shortcut is added.

    Activations are separate modules that do not work in place, as Captum needs them.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.relu = nn.ReLU()
        self.relu2 = nn.ReLU()
        self.attention: nn.Module = nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.attention(self.bn2(self.conv2(out)))
        shortcut = x if self.downsample is None else self.downsample(x)
        activated: Tensor = self.relu2(out + shortcut)
        return activated


class TinyResNet(nn.Module):
    """A ResNet of four stages with one block each, WIDTHS channels wide; names as torchvision's.

    `attention` is the name of a variant. It is drawn last and from a generator of its own,
    so that the rest has the same initial weights under the same seed whatever the
    attention. Each block starts as its shortcut, as in torchvision's `zero_init_residual`.
    """

    def __init__(self, attention: str, num_classes: int) -> None:
        super().__init__()
        variant = find_variant(attention)
        self.conv1 = nn.Conv2d(3, WIDTHS[0], 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(WIDTHS[0])
        self.relu = nn.ReLU()
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.layer1 = _stage(WIDTHS[0], WIDTHS[0], stride=1)
        self.layer2 = _stage(WIDTHS[0], WIDTHS[1], stride=2)
        self.layer3 = _stage(WIDTHS[1], WIDTHS[2], stride=2)
        self.layer4 = _stage(WIDTHS[2], WIDTHS[3], stride=2)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(WIDTHS[3], num_classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            elif isinstance(module, AttentionBasicBlock):
                nn.init.zeros_(module.bn2.weight)
        with torch.random.fork_rng(devices=[]):
            for module in self.modules():
                if isinstance(module, AttentionBasicBlock):
                    module.attention = variant.build(module.conv2.out_channels, Sizes())

    def forward(self, x: Tensor) -> Tensor:
        out = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        out = self.layer4(self.layer3(self.layer2(self.layer1(out))))
        scores: Tensor = self.fc(torch.flatten(self.avgpool(out), 1))
        return scores


def _stage(before: int, width: int, stride: int) -> nn.Sequential:
    change = None
    if stride != 1 or before != width:
        change = nn.Sequential(conv1x1(before, width, stride), nn.BatchNorm2d(width))
    return nn.Sequential(AttentionBasicBlock(before, width, stride, change))


def attention_parameters(model: nn.Module) -> int:
    """Parameters of all attention layers together."""
    return sum(p.numel() for name, p in model.named_parameters() if ".attention." in name)
