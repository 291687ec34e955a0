"""Squeeze-and-Excitation: two fully connected layers with a bottleneck between them."""

import copy
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from eca_viz.attention import descriptions
from eca_viz.attention.mechanism import Squeezed, bias_of, is_sigmoid, leaves
from eca_viz.attention.mechanisms.dense import DenseMechanism, dense_sizes, dense_weight


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
        """The bottleneck as the layer itself computes it, for a feature map of one pixel.

        Libraries differ in what stands between the two layers and in the order in which it is
        registered. The hooks are on a copy, in double precision so that sums show no rounding.
        """
        private = copy.deepcopy(module).double()
        down, up, _ = self.known_parts(private)
        seen: list[Tensor] = []
        down.register_forward_hook(lambda _, inputs, output: seen.append(output.detach().clone()))
        up.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].detach().clone()))
        with torch.no_grad():
            private(descriptor.double()[None, :, None, None])
        weight = dense_weight(down)
        return Squeezed(
            weight=weight,
            bias=torch.tensor([bias_of(down, place) for place in range(len(weight))]),
            sums=seen[0].flatten(),
            values=seen[1].flatten(),
            activation=", ".join(_between(private, (down, up))),
        )


def _between(module: nn.Module, dense: tuple[nn.Module, nn.Module]) -> Iterator[str]:
    """Class names of what turns the bottleneck's sums into its values, norms first."""
    names = [
        type(part).__name__
        for part in leaves(module)
        if part not in dense and not is_sigmoid(part) and "Pool" not in type(part).__name__
    ]
    yield from sorted((n for n in names if n != "Identity"), key=lambda name: "Norm" not in name)


SE = SEMechanism()
