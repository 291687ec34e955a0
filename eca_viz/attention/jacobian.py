"""The Jacobians of an attention layer: how every logit and gate depends on every channel."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from eca_viz.attention.mechanism import Mechanism


class Jacobians(NamedTuple):
    """Derivatives of a layer at one descriptor y, all (C, C): row i is gate i, column j is y_j.

    `matrix` is ∂z/∂y: W itself where z = W y; for SE it is W2 D W1, where the diagonal matrix D
    holds the derivatives (0 or 1) of the ReLU at this y. `jacobian` is ∂ω/∂y, each row of the
    matrix times σ'(z_i).
    """

    matrix: Tensor
    jacobian: Tensor


def jacobians(
    module: nn.Module, mechanism: Mechanism, descriptor: Tensor, second: Tensor | None = None
) -> Jacobians:
    """The Jacobians of an attention layer at a descriptor, by its formula.

    The batch is C copies of the descriptor. The copies are independent, so that the gradient of
    Σ_i z_i(copy i) is row i of ∂z/∂y at copy i.

    Args:
        module: The layer.
        mechanism: The mechanism that recognises it.
        descriptor: y (C,).
        second: The other descriptor (C,), which stays as it is, for a mechanism that takes two.

    Returns:
        ∂z/∂y and ∂ω/∂y, both (C, C).
    """
    with torch.enable_grad():
        copies = descriptor.detach().expand(len(descriptor), -1).clone().requires_grad_()
        logits = mechanism.logits(module, copies, None if second is None else second[None])
        gates = mechanism.gates(module, logits)
        return Jacobians(*(_rows(values, copies) for values in (logits, gates)))


def _rows(values: Tensor, copies: Tensor) -> Tensor:
    """Row i is the gradient of value i of copy i."""
    return torch.autograd.grad(values.diagonal().sum(), copies, retain_graph=True)[0]
