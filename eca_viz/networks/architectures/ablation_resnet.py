"""The small ResNet of the ablation: one backbone, any attention by name."""

from typing import Any

import torch
from torch import Tensor, nn

from eca_viz.attention.variants import Sizes, find_variant
from eca_viz.networks.architectures.resnet import BasicBlock, ResNet

WIDTHS = (32, 64, 128, 128)


class AttentionBasicBlock(BasicBlock):
    """A BasicBlock whose attention may be any module."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.attention: nn.Module = nn.Identity()

    def attend(self, x: Tensor) -> Tensor:
        gated: Tensor = self.attention(x)
        return gated


class TinyResNet(ResNet):
    """A ResNet of four stages with one block each, WIDTHS channels wide.

    `attention` is the name of a variant. It is drawn last and from a generator of its own,
    so that the rest has the same initial weights under the same seed whatever the
    attention. Each block starts as its shortcut.
    """

    def __init__(self, attention: str, num_classes: int) -> None:
        super().__init__(
            AttentionBasicBlock, (1, 1, 1, 1), num_classes, widths=WIDTHS, zero_init_residual=True
        )
        variant = find_variant(attention)
        with torch.random.fork_rng(devices=[]):
            for module in self.modules():
                if isinstance(module, AttentionBasicBlock):
                    module.attention = variant.build(module.conv2.out_channels, Sizes())


def attention_parameters(model: nn.Module) -> int:
    """Parameters of all attention layers together."""
    return sum(p.numel() for name, p in model.named_parameters() if ".attention." in name)
