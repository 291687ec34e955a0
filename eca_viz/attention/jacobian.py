"""The Jacobians of an attention layer: how every logit and gate depends on every channel."""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from eca_viz.attention.mechanism import Mechanism, Probe


class Jacobians(NamedTuple):
    """Derivatives of a layer at one descriptor y, all (C, C): row i is gate i, column j is y_j.

    `matrix` is ∂z/∂y: W itself where z = W y; for SE it is W2 D W1, where the diagonal matrix D
    holds the derivatives (0 or 1) of the ReLU at this y. `jacobian` is ∂ω/∂y, each row of the
    matrix times σ'(z_i).
    """

    matrix: Tensor
    jacobian: Tensor


def jacobians(module: nn.Module, mechanism: Mechanism, descriptor: Tensor) -> Jacobians:
    """The Jacobians of an attention layer at a descriptor, in one forward pass.

    The batch is C copies of a feature map of one pixel, whose average is y. The copies are
    independent, so that the gradient of Σ_i z_i(copy i) is row i of ∂z/∂y at copy i.

    Args:
        module: The layer, on which hooks are put while it runs: give a clone of a shared one.
        mechanism: The mechanism that recognises it.
        descriptor: y (C,).

    Returns:
        ∂z/∂y and ∂ω/∂y, both (C, C).
    """
    kept: list[Tensor] = []

    def keep(probe: Probe) -> RemovableHandle:
        return probe.module.register_forward_hook(
            lambda _, inputs, output: kept.append(inputs[0] if probe.side == "input" else output)
        )

    probes = mechanism.probes(module)
    hooks = (keep(probes.logits), keep(probes.weights))
    with torch.enable_grad():
        copies = descriptor.detach().expand(len(descriptor), -1)[:, :, None, None].clone()
        copies.requires_grad_()
        try:
            module(copies)
        finally:
            for hook in hooks:
                hook.remove()
        return Jacobians(*(_rows(values, copies) for values in kept))


def _rows(values: Tensor, copies: Tensor) -> Tensor:
    """Row i is the gradient of value i of copy i."""
    diagonal = values.flatten(1).diagonal().sum()
    return torch.autograd.grad(diagonal, copies, retain_graph=True)[0].flatten(1)
