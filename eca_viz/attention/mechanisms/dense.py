"""Fully connected layers before a sigmoid: what SE and SE-Var3 share."""

from typing import TypeGuard

import torch
from torch import Tensor, nn

from eca_viz.attention.mechanism import MechanismBase, Parts, Row, bias_of, is_sigmoid, leaves

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


class DenseMechanism(MechanismBase[Dense]):
    """`depth` fully connected layers (1 or 2) from C channels back to C, then one sigmoid."""

    depth: int

    def parts(self, module: nn.Module) -> Parts[Dense] | None:
        """Beside the layers and the sigmoid a module may hold pools, norms and activations.

        They may stand in a Sequential, but a Sequential alone is no attention layer.
        """
        if type(module) is nn.Sequential:
            return None
        found = list(leaves(module))
        dense = [part for part in found if is_dense(part)]
        if len(dense) != self.depth or not is_sigmoid(found[-1]) or sum(map(is_sigmoid, found)) > 1:
            return None
        others = [part for part in found if part not in dense and "Norm" not in type(part).__name__]
        if any(list(part.children()) or list(part.parameters()) for part in others):
            return None
        first, last = dense[0], dense[-1]
        closed = dense_sizes(first) == dense_sizes(last)[::-1]
        return Parts(first, last, found[-1]) if closed else None

    def row(self, module: nn.Module, channel: int, channels: int) -> Row:
        last = self.known_parts(module).last
        weight = dense_weight(last)[channel]
        return Row(torch.arange(len(weight)), weight, bias_of(last, channel))
