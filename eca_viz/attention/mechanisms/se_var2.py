"""SE-Var2: every channel gates itself, by a factor of its own."""

import torch
from torch import Tensor, nn

from eca_viz.attention.mechanism import Mechanism, Row
from eca_viz.attention.mechanisms.pooled_gate import (
    PooledGate,
    learned,
    mixing,
    probes,
    uniform_parameter,
)


class ChannelScale(nn.Module):
    """z = w ⊙ y for (N, C): the diagonal matrix with `weight` (C,) on it."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = uniform_parameter(channels, inputs=1)

    def forward(self, descriptor: Tensor) -> Tensor:
        return descriptor * self.weight


class SEVar2Layer(PooledGate):
    """ω = σ(w ⊙ y): C parameters, W is diagonal.

    Source: Wang et al., "ECA-Net", CVPR 2020, Table 2.
    """

    def __init__(self, channels: int) -> None:
        super().__init__(ChannelScale(channels))


def _row(module: nn.Module, channel: int, channels: int) -> Row:
    return Row(torch.tensor([channel]), learned(module)[channel : channel + 1])


SE_VAR2 = Mechanism(
    name="se_var2",
    title="SE-Var2",
    formula=r"\omega = \sigma(w \odot y)",
    recognises=lambda module: isinstance(module, SEVar2Layer),
    probes=probes,
    row=_row,
    mixing=mixing,
)
