"""SE-Var1: every channel gates itself, with nothing to learn."""

import torch
from torch import nn

from eca_viz.attention.mechanism import Mechanism, Row
from eca_viz.attention.mechanisms.pooled_gate import PooledGate, mixing, probes


class SEVar1Layer(PooledGate):
    """ω = σ(y): no parameters, W is the identity.

    Source: Wang et al., "ECA-Net", CVPR 2020, Table 2.
    """

    def __init__(self) -> None:
        super().__init__(nn.Identity())


SE_VAR1 = Mechanism(
    name="se_var1",
    title="SE-Var1",
    formula=r"\omega = \sigma(y)",
    recognises=lambda module: isinstance(module, SEVar1Layer),
    probes=probes,
    row=lambda module, channel, channels: Row(torch.tensor([channel]), torch.ones(1)),
    mixing=mixing,
)
