"""SE-Var1: the gate of a channel is the sigmoid of its own descriptor, without parameters."""

import torch
from torch import nn

from eca_viz.attention import descriptions
from eca_viz.attention.mechanism import Row
from eca_viz.attention.mechanisms.pooled_gate import PooledGate, PooledMechanism


class SEVar1Layer(PooledGate[nn.Identity]):
    """ω = σ(y): no parameters, W is the identity.

    Source: Wang et al., "ECA-Net", CVPR 2020, Table 2.
    """

    def __init__(self) -> None:
        super().__init__(nn.Identity())


class SEVar1Mechanism(PooledMechanism[nn.Identity]):
    name, title, formula = descriptions.SE_VAR1
    layer = SEVar1Layer

    def row(self, module: nn.Module, channel: int, channels: int) -> Row:
        return Row(torch.tensor([channel]), torch.ones(1))


SE_VAR1 = SEVar1Mechanism()
