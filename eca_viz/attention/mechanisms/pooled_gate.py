"""What the layers of the ablation share: pool, mix the channels, squash, scale."""

import torch
from torch import Tensor, nn

from eca_viz.attention.mechanism import Mixing, Probe, Probes


class PooledGate(nn.Module):
    """Scales every channel of X by its gate ω = σ(mix(GAP(X))).

    Input and output are (N, C, H, W); `mix` takes the descriptor y (N, C) to the logits z of
    the same shape. Which z may depend on which y is all that the mechanisms differ in.
    Source: Wang et al., "ECA-Net", CVPR 2020, Eq. 3.
    """

    def __init__(self, mix: nn.Module) -> None:
        super().__init__()
        self.avg_pool = nn.AdaptiveAvgPool2d(1)
        self.mix = mix
        self.sigmoid = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        descriptor = torch.flatten(self.avg_pool(x), 1)
        weights: Tensor = self.sigmoid(self.mix(descriptor))
        # Under autocast a mix of plain products would come out in float32, and X with it.
        return x * weights.to(x.dtype)[:, :, None, None]


def uniform_parameter(*shape: int, inputs: int) -> nn.Parameter:
    """Weights drawn as PyTorch draws those of Linear and Conv1d: from ±1/√inputs.

    `inputs` is the number of channels that one gate looks at.
    """
    bound = inputs**-0.5
    return nn.Parameter(torch.empty(shape).uniform_(-bound, bound))


def _known(module: nn.Module) -> PooledGate:
    if not isinstance(module, PooledGate):
        raise TypeError(f"{type(module).__name__} is not a PooledGate")
    return module


def learned(module: nn.Module) -> Tensor:
    """What the mix of a PooledGate has learnt; raises TypeError for one without weights."""
    weight = getattr(_known(module).mix, "weight", None)
    if not isinstance(weight, Tensor):
        raise TypeError(f"{type(module).__name__} has no weights")
    return weight.detach()


def mixing(module: nn.Module) -> Mixing:
    """Where a PooledGate mixes its channels; raises TypeError for any other module."""
    mix = _known(module).mix
    return Mixing(mix, mix)


def probes(module: nn.Module) -> Probes:
    """Where a PooledGate is read; raises TypeError for any other module."""
    module = _known(module)
    return Probes(
        Probe(module.avg_pool, "output"),
        Probe(module.sigmoid, "input"),
        Probe(module.sigmoid, "output"),
    )
