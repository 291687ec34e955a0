"""SE-Var1: the gate of a channel is the sigmoid of its own descriptor, without parameters."""

import torch
from torch import nn

from eca_viz.attention import descriptions
from eca_viz.attention.mechanism import Parts, Row
from eca_viz.attention.mechanisms.pooled_gate import PooledGate, PooledMechanism
from eca_viz.attention.modules import gate_of


class SEVar1Layer(PooledGate[nn.Identity]):
    """ω = σ(y): no parameters, W is the identity.

    Source: Wang et al., "ECA-Net", CVPR 2020, Table 2.
    """

    def __init__(self) -> None:
        super().__init__(nn.Identity())


class SEVar1Mechanism(PooledMechanism[nn.Identity]):
    name, title, formula = descriptions.SE_VAR1
    layer = SEVar1Layer

    def parts(self, module: nn.Module) -> Parts[nn.Identity] | None:
        """Our layer, or one of a sigmoid and an Identity where others hold a matrix.

        Such is timm's GatherExcite without its MLP, of Hu et al., "Gather-Excite", NeurIPS 2018.
        """
        own = super().parts(module)
        if own is not None or type(module) is nn.Sequential:
            return own
        found, gate = list(module.children()), gate_of(module)
        mixes = [part for part in found if isinstance(part, nn.Identity)]
        if len(mixes) != 1 or gate is None or len(found) != 2:
            return None
        return Parts(mixes[0], mixes[0], gate)

    def row(self, module: nn.Module, channel: int, channels: int) -> Row:
        return Row(torch.tensor([channel]), torch.ones(1))


SE_VAR1 = SEVar1Mechanism()
