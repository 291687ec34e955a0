"""What one channel's change does to all the gates: the Jacobians of an attention layer."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from eca_viz.attention.mechanism import Mechanism


class Sensitivity(NamedTuple):
    """Derivatives of a layer at one descriptor y, all (C, C): row i is gate i, column j is y_j.

    `matrix` is ∂z/∂y: where z = W y it is W itself, for SE it is W2 D W1 with D the zeros and
    ones of the ReLU at this y. `jacobian` is ∂ω/∂y, each row of the matrix times σ'(z_i).
    """

    matrix: Tensor
    jacobian: Tensor


def sensitivity(module: nn.Module, mechanism: Mechanism, descriptor: Tensor) -> Sensitivity:
    """The Jacobians of an attention layer at a descriptor (C,).

    The layer sees C copies of a feature map of one pixel whose average is y; since the copies
    do not know of each other, one backward pass gives row i from the i-th of them. The hooks
    are on the given module: give a clone of a shared one.
    """
    channels = len(descriptor)
    probes = mechanism.probes(module)
    values: dict[str, Tensor] = {}

    def logits(_: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        values["logits"] = inputs[0] if probes.logits.side == "input" else output

    def weights(_: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        values["weights"] = output

    hooks = (
        probes.logits.module.register_forward_hook(logits),
        probes.weights.module.register_forward_hook(weights),
    )
    with torch.enable_grad():
        copies = descriptor.detach().expand(channels, -1)[:, :, None, None].clone()
        copies.requires_grad_()
        try:
            module(copies)
        finally:
            for hook in hooks:
                hook.remove()
        rows = [
            torch.autograd.grad(values[name].flatten(1).diagonal().sum(), copies, retain_graph=True)
            for name in ("logits", "weights")
        ]
    matrix, jacobian = (row[0].flatten(1) for row in rows)
    return Sensitivity(matrix, jacobian)
