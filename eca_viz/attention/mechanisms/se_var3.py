"""SE without dimensionality reduction: one full matrix, also known as effective SE."""

from torch import nn

from eca_viz.attention import descriptions
from eca_viz.attention.mechanisms.dense import DenseMechanism
from eca_viz.attention.mechanisms.pooled_gate import PooledGate


class SEVar3Layer(PooledGate[nn.Linear]):
    """ω = σ(W y): C² parameters, W is full; one fully connected layer without bias.

    Source: Wang et al., "ECA-Net", CVPR 2020, Table 2.
    """

    def __init__(self, channels: int) -> None:
        super().__init__(nn.Linear(channels, channels, bias=False))


class SEVar3Mechanism(DenseMechanism):
    """SE-Var3, recognised by structure as other libraries build it too."""

    name, title, formula = descriptions.SE_VAR3
    depth = 1


SE_VAR3 = SEVar3Mechanism()
