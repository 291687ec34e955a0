"""Squeeze-and-Excitation: two fully connected layers with a bottleneck between them."""

import copy
from collections.abc import Callable

import torch
from torch import Tensor, nn

from eca_viz.attention import descriptions
from eca_viz.attention.mechanism import Squeezed, bias_of
from eca_viz.attention.mechanisms.dense import (
    DenseMechanism,
    dense_product,
    dense_sizes,
    dense_weight,
)


class SELayer(nn.Module):
    """Scales every channel of X by its gate ω = σ(W2 ReLU(W1 GAP(X))).

    Input and output are (N, C, H, W). W1 brings the C channels down to C/r and W2 back up,
    without bias, so the layer adds 2·C²/r parameters. Where r does not divide C, or C is
    below r, the bottleneck has max(1, C // r) channels. Raises ValueError for a reduction
    below 1.
    Source: Hu et al., "Squeeze-and-Excitation Networks", CVPR 2018, Eq. 3; without bias as
    in the ECA paper's counts.
    """

    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        if reduction < 1:
            raise ValueError(f"got reduction {reduction}; SE needs 1 or more")
        squeezed = max(1, channels // reduction)
        self.avg_pool = nn.AdaptiveAvgPool2d(1)
        self.fc1 = nn.Linear(channels, squeezed, bias=False)
        self.relu = nn.ReLU()
        self.fc2 = nn.Linear(squeezed, channels, bias=False)
        self.sigmoid = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        descriptor = torch.flatten(self.avg_pool(x), 1)
        weights: Tensor = self.sigmoid(self.fc2(self.relu(self.fc1(descriptor))))
        return x * weights[:, :, None, None]


class SEMechanism(DenseMechanism):
    """SE: down to the bottleneck and up again."""

    name, title, formula = descriptions.SE
    depth = 2

    def reduction(self, module: nn.Module) -> float:
        channels, squeezed = dense_sizes(self.known_parts(module).first)
        return channels / squeezed

    def squeeze(self, module: nn.Module, descriptor: Tensor) -> Squeezed:
        """The bottleneck, in double precision so that its sums show no rounding."""
        private = copy.deepcopy(module).double().eval()
        down = self.known_parts(private).first
        with torch.no_grad():
            sums = dense_product(down, descriptor.double()[None])
            values = self.between(private, sums)
        weight = dense_weight(down)
        return Squeezed(
            weight=weight,
            bias=torch.tensor([bias_of(down, place) for place in range(len(weight))]),
            sums=sums.flatten(),
            values=values.flatten(),
            activation=", ".join(map(_name, self.activations(module))),
        )


def _name(activation: Callable[[Tensor], Tensor]) -> str:
    """Of a module its class's, of a function its own."""
    return type(activation).__name__ if isinstance(activation, nn.Module) else activation.__name__


SE = SEMechanism()
