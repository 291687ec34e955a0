"""SE-Var2: the logit of a channel is its own descriptor times a learned factor."""

import torch
from torch import Tensor, nn

from eca_viz.attention import descriptions
from eca_viz.attention.mechanism import Row
from eca_viz.attention.mechanisms.pooled_gate import PooledGate, PooledMechanism, uniform_weight


class ChannelScale(nn.Module):
    """z = w ⊙ y for (N, C): the diagonal matrix with `weight` (C,) on it."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = uniform_weight(channels, inputs=1)

    def forward(self, descriptor: Tensor) -> Tensor:
        return descriptor * self.weight


class SEVar2Layer(PooledGate[ChannelScale]):
    """ω = σ(w ⊙ y): C parameters, W is diagonal.

    Source: Wang et al., "ECA-Net", CVPR 2020, Table 2.
    """

    def __init__(self, channels: int) -> None:
        super().__init__(ChannelScale(channels))


class SEVar2Mechanism(PooledMechanism[ChannelScale]):
    name, title, formula = descriptions.SE_VAR2
    layer = SEVar2Layer

    def row(self, module: nn.Module, channel: int, channels: int) -> Row:
        factors = self.known_parts(module).first.weight.detach()
        return Row(torch.tensor([channel]), factors[channel : channel + 1])


SE_VAR2 = SEVar2Mechanism()
