"""What the variants of SE and ECA share: pool, mix the channels, sigmoid, scale."""

from typing import Any, Generic

import torch
from torch import Tensor, nn

from eca_viz.attention.mechanism import LayerT, MechanismBase, Parts, Probe, Probes


class PooledGate(nn.Module, Generic[LayerT]):
    """Scales every channel of X by its gate ω = σ(mix(GAP(X))).

    Input and output are (N, C, H, W); `mix` takes the descriptor y (N, C) to the logits z of
    the same shape. The variants differ only in which z depend on which y.
    Source: Wang et al., "ECA-Net", CVPR 2020, Eq. 3.
    """

    def __init__(self, mix: LayerT) -> None:
        super().__init__()
        self.avg_pool = nn.AdaptiveAvgPool2d(1)
        self.mix = mix
        self.sigmoid = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        descriptor = torch.flatten(self.avg_pool(x), 1)
        weights: Tensor = self.sigmoid(self.mix(descriptor))
        # Under autocast a mix of plain products would come out in float32, and X with it.
        return x * weights.to(x.dtype)[:, :, None, None]


def uniform_weight(*shape: int, inputs: int) -> nn.Parameter:
    """Weights drawn as PyTorch draws those of Linear and Conv1d: from ±1/√inputs.

    `inputs` is the number of channels that one logit depends on.
    """
    bound = inputs**-0.5
    return nn.Parameter(torch.empty(shape).uniform_(-bound, bound))


class PooledMechanism(MechanismBase[LayerT]):
    """A mechanism whose layers are of one subclass of PooledGate, or also built otherwise."""

    layer: type[PooledGate[Any]]

    def parts(self, module: nn.Module) -> Parts[LayerT] | None:
        if not isinstance(module, self.layer):
            return None
        return Parts(module.mix, module.mix, module.sigmoid)

    def probes(self, module: nn.Module) -> Probes:
        if not isinstance(module, self.layer):
            return super().probes(module)
        sigmoid = self.known_parts(module).sigmoid
        pool = module.get_submodule("avg_pool")
        return Probes(Probe(pool, "output"), Probe(sigmoid, "input"), Probe(sigmoid, "output"))
