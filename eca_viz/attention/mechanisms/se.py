"""Squeeze-and-Excitation: two fully connected layers with a bottleneck between them."""

import copy
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from eca_viz.attention.mechanism import (
    Mechanism,
    Mixing,
    Probe,
    Probes,
    Row,
    Squeezed,
    bias_of,
    is_sigmoid,
    leaves,
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


def dense_sizes(module: nn.Module) -> tuple[int, int] | None:
    """Channels in and out of a layer that connects all with all, else None."""
    if isinstance(module, nn.Linear):
        return module.in_features, module.out_features
    if isinstance(module, nn.Conv2d) and module.kernel_size == (1, 1) and module.groups == 1:
        return module.in_channels, module.out_channels
    return None


def dense_weight(module: nn.Module) -> Tensor:
    """The matrix (out, in) of a layer that connects all with all."""
    if isinstance(module, nn.Linear | nn.Conv2d):
        return module.weight.detach().flatten(1)
    raise TypeError(f"{type(module).__name__} is not a fully connected layer")


def gated_dense_layers(module: nn.Module) -> tuple[list[nn.Module], nn.Module] | None:
    """The fully connected layers of a module that ends in one sigmoid, and the sigmoid.

    Beside them it may hold pools, norms and activations, in a Sequential or not.
    """
    if type(module) is nn.Sequential:
        return None
    parts = list(leaves(module))
    dense = [part for part in parts if dense_sizes(part)]
    if not dense or not is_sigmoid(parts[-1]) or sum(map(is_sigmoid, parts)) != 1:
        return None
    others = [part for part in parts if part not in dense and "Norm" not in type(part).__name__]
    if any(list(part.children()) or list(part.parameters()) for part in others):
        return None
    return dense, parts[-1]


def _parts(module: nn.Module) -> tuple[nn.Module, nn.Module, nn.Module] | None:
    found = gated_dense_layers(module)
    if found is None or len(found[0]) != 2:
        return None
    (down, up), sigmoid = found
    sizes = dense_sizes(up)
    return (down, up, sigmoid) if sizes is not None and dense_sizes(down) == sizes[::-1] else None


def _known_parts(module: nn.Module) -> tuple[nn.Module, nn.Module, nn.Module]:
    parts = _parts(module)
    if parts is None:
        raise TypeError(f"{type(module).__name__} is not built like an SE layer")
    return parts


def _probes(module: nn.Module) -> Probes:
    down, up, sigmoid = _known_parts(module)
    return Probes(Probe(down, "input"), Probe(up, "output"), Probe(sigmoid, "output"))


def _mixing(module: nn.Module) -> Mixing:
    down, up, _ = _known_parts(module)
    return Mixing(down, up)


def _reduction(module: nn.Module) -> float | None:
    sizes = dense_sizes(_known_parts(module)[0])
    return None if sizes is None else sizes[0] / sizes[1]


def _row(module: nn.Module, channel: int, channels: int) -> Row:
    _, up, _ = _known_parts(module)
    weight = dense_weight(up)[channel]
    return Row(torch.arange(len(weight)), weight, bias_of(up, channel))


def _squeeze(module: nn.Module, descriptor: Tensor) -> Squeezed:
    """The bottleneck as the layer itself computes it, for a feature map of one pixel.

    Libraries differ in what stands between the two layers and in what order they register
    it. The hooks are on a copy, in double precision so that sums show no rounding.
    """
    private = copy.deepcopy(module).double()
    down, up, _ = _known_parts(private)
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
    """What turns the bottleneck's sums into its values, norms first."""
    names = [
        type(part).__name__
        for part in leaves(module)
        if part not in dense and not is_sigmoid(part) and "Pool" not in type(part).__name__
    ]
    yield from sorted((n for n in names if n != "Identity"), key=lambda name: "Norm" not in name)


SE = Mechanism(
    name="se",
    title="SE",
    formula=r"\omega = \sigma(W_2\,\delta(W_1 y))",
    recognises=lambda module: _parts(module) is not None,
    probes=_probes,
    mixing=_mixing,
    reduction=_reduction,
    row=_row,
    squeeze=_squeeze,
)
