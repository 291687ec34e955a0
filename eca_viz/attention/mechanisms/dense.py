"""Fully connected layers before a sigmoid: what SE and SE-Var3 share."""

from collections.abc import Callable
from typing import TypeGuard

import torch
from torch import Tensor, nn
from torch.nn import functional

from eca_viz.attention.functional import CalledGate
from eca_viz.attention.mechanism import MechanismBase, Parts, Row, bias_of
from eca_viz.attention.modules import (
    called_activations,
    gate_of,
    is_pool,
    is_sigmoid,
    leaves,
    own_forward,
    without_effects,
)

Dense = nn.Linear | nn.Conv2d


def is_dense(module: nn.Module) -> TypeGuard[Dense]:
    """Whether a layer connects all channels with all: Linear, or 1 × 1 convolution, ungrouped."""
    if isinstance(module, nn.Conv2d):
        return module.kernel_size == (1, 1) and module.groups == 1
    return isinstance(module, nn.Linear)


def dense_sizes(layer: Dense) -> tuple[int, int]:
    """Channels in and out."""
    if isinstance(layer, nn.Linear):
        return layer.in_features, layer.out_features
    return layer.in_channels, layer.out_channels


def dense_weight(layer: Dense) -> Tensor:
    """The matrix (out, in)."""
    return layer.weight.detach().flatten(1)


def dense_product(layer: Dense, values: Tensor) -> Tensor:
    """The layer's matrix times values (N, in), and its bias: (N, out)."""
    return functional.linear(values.to(layer.weight.dtype), layer.weight.flatten(1), layer.bias)


class DenseMechanism(MechanismBase[Dense]):
    """`depth` fully connected layers (1 or 2) from C channels back to C, then one sigmoid."""

    depth: int

    def leaves(self, module: nn.Module) -> list[nn.Module]:
        """The modules from the descriptor to the gates."""
        return list(leaves(module))

    def parts(self, module: nn.Module) -> Parts[Dense] | None:
        """Beside the layers and the sigmoid a module may hold pools, norms and activations.

        They may stand in a Sequential, but a Sequential alone is no attention layer. The sigmoid
        comes last, or is called as a function.
        """
        if type(module) is nn.Sequential:
            return None
        found, gate = self.leaves(module), gate_of(module)
        dense = [part for part in found if is_dense(part)]
        if len(dense) != self.depth or gate is None:
            return None
        if not (isinstance(gate, CalledGate) or gate is found[-1]):
            return None
        others = [part for part in found if part not in dense and "Norm" not in type(part).__name__]
        if any(list(part.children()) or list(part.parameters()) for part in others):
            return None
        first, last = dense[0], dense[-1]
        closed = dense_sizes(first) == dense_sizes(last)[::-1]
        return Parts(first, last, gate) if closed else None

    def logits(self, module: nn.Module, descriptor: Tensor, second: Tensor | None = None) -> Tensor:
        first, last, _ = self.known_parts(module)
        values = dense_product(first, descriptor)
        return values if first is last else dense_product(last, self.between(module, values))

    def between(self, module: nn.Module, sums: Tensor) -> Tensor:
        """What stands between two fully connected layers, for the sums (N, B) of the first."""
        shaped = sums.clone()  # activations may work in place
        if isinstance(self.known_parts(module).first, nn.Conv2d):
            shaped = shaped[:, :, None, None]  # as norms of feature maps expect it
        for part in self.activations(module):
            if isinstance(part, nn.Module):
                shaped = own_forward(without_effects(part), shaped)
            else:
                shaped = part(shaped)
        return shaped.flatten(1)

    def activations(self, module: nn.Module) -> list[Callable[[Tensor], Tensor]]:
        """Norms, then activations, between two fully connected layers.

        Libraries differ in the order in which they register them. An activation that the layer
        calls as a function is known by its name.
        """
        parts = self.known_parts(module)
        found = [
            part
            for part in self.leaves(module)
            if part not in parts
            and not isinstance(part, nn.Identity)
            and not is_sigmoid(part)
            and not is_pool(part)
        ]
        if all("Norm" in type(part).__name__ for part in found):
            return [*found, *called_activations(module)]
        return [*sorted(found, key=lambda part: "Norm" not in type(part).__name__)]

    def row(self, module: nn.Module, channel: int, channels: int) -> Row:
        last = self.known_parts(module).last
        weight = dense_weight(last)[channel]
        return Row(torch.arange(len(weight)), weight, bias_of(last, channel))
