"""SE-GC: a full matrix inside each group of channels, zeros between the groups."""

import torch
from torch import Tensor, nn

from eca_viz.attention import descriptions
from eca_viz.attention.groups import group_count
from eca_viz.attention.mechanism import Row
from eca_viz.attention.mechanisms.pooled_gate import PooledGate, PooledMechanism, uniform_weight


class GroupedMatrix(nn.Module):
    """z = W y for (N, C) with W cut into blocks: `weight` is (groups, C/groups, C/groups)."""

    def __init__(self, channels: int, groups: int) -> None:
        super().__init__()
        width = channels // groups
        self.weight = uniform_weight(groups, width, width, inputs=width)

    def forward(self, descriptor: Tensor) -> Tensor:
        grouped = descriptor.reshape(-1, *self.weight.shape[:2])
        return torch.einsum("gij,ngj->ngi", self.weight, grouped).flatten(1)


class SEGCLayer(PooledGate[GroupedMatrix]):
    """ω = σ(GC_G(y)): C²/G parameters, W is made of G blocks on the diagonal.

    `groups` is the number wanted; where it does not divide C, the layer has `group_count` of
    them. Raises ValueError below 1 group.
    Source: Wang et al., "ECA-Net", CVPR 2020, Eq. 5 and Table 2.
    """

    def __init__(self, channels: int, groups: int) -> None:
        if groups < 1:
            raise ValueError(f"got {groups} groups; SE-GC needs 1 or more")
        super().__init__(GroupedMatrix(channels, group_count(channels, groups)))


class SEGCMechanism(PooledMechanism[GroupedMatrix]):
    name, title, formula = descriptions.SE_GC
    layer = SEGCLayer

    def row(self, module: nn.Module, channel: int, channels: int) -> Row:
        """The row of the block that holds the channel."""
        blocks = self.known_parts(module).first.weight.detach()
        width = blocks.shape[1]
        group, place = divmod(channel, width)
        return Row(torch.arange(group * width, (group + 1) * width), blocks[group, place])


SE_GC = SEGCMechanism()
