"""Gated channel transformation: channels compete by their norms, and gates lie between 0 and 2."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from eca_viz.attention import descriptions
from eca_viz.attention.functional import called_tanh, installed
from eca_viz.attention.mechanism import Activation, Parts, Row
from eca_viz.attention.mechanisms.tentative import TentativeMechanism, epsilon_of
from eca_viz.attention.modules import own_forward
from eca_viz.locale.texts import text


class _Weights(NamedTuple):
    """The parameters, each (C,)."""

    alpha: Tensor
    gamma: Tensor
    beta: Tensor


class GCTMechanism(TentativeMechanism[nn.Module]):
    """z_i = γ_i h_i + β_i, where h_i is α_i y_i over the quadratic mean of all α_j y_j.

    y is the Euclidean norm of each channel; the variant on sums of absolute values is not read.
    Source: Yang et al., "Gated Channel Transformation for Visual Recognition", CVPR 2020, Eq. 1
    to 5.
    """

    name, title, formula = descriptions.GCT
    poolings = ("l2 norm",)

    def parts(self, module: nn.Module) -> Parts[nn.Module] | None:
        """Three parameters of one number a channel, and a hyperbolic tangent."""
        own, children = list(module.parameters()), list(module.children())
        sizes = {one.numel() for one in own}
        if len(own) != 3 or len(sizes) != 1 or any(max(one.shape) != one.numel() for one in own):
            return None
        if len(children) == 1 and isinstance(children[0], nn.Tanh):
            return Parts(module, module, children[0])
        called = called_tanh(module)
        return None if called is None else Parts(module, module, installed(module) or called)

    def _weights(self, module: nn.Module) -> _Weights:
        """In the order in which all implementations have them."""
        return _Weights(*(one.flatten() for one in module.parameters()))

    def descriptors(self, module: nn.Module, value: Tensor, logits: Tensor) -> tuple[Tensor, ...]:
        return ((value.float().flatten(2).square().sum(2) + epsilon_of(module)).sqrt(),)

    def logits(self, module: nn.Module, descriptor: Tensor, second: Tensor | None = None) -> Tensor:
        _, gamma, beta = self._weights(module)
        return gamma * self._shares(module, descriptor) + beta

    def _shares(self, module: nn.Module, descriptor: Tensor) -> Tensor:
        """h (N, C): each channel's norm over the quadratic mean of all."""
        embedded = self._weights(module).alpha * descriptor
        return embedded / (embedded.square().mean(1, keepdim=True) + epsilon_of(module)).sqrt()

    def gates(self, module: nn.Module, logits: Tensor) -> Tensor:
        return 1 + own_forward(self.known_parts(module).sigmoid, logits.clone())

    def activation(self, module: nn.Module) -> Activation:
        return "1 + tanh"

    def inputs(self, module: nn.Module, descriptor: Tensor, second: Tensor | None) -> Tensor:
        with torch.no_grad():
            return self._shares(module, descriptor.double()[None])[0]

    def row(self, module: nn.Module, channel: int, channels: int) -> Row:
        """One term; the norms of the other channels are in its value."""
        _, gamma, beta = (one.detach() for one in self._weights(module))
        place = torch.tensor([channel])
        # Translators: what a term is of its channel: "share of 3".
        names = (text("share"),)
        return Row(place, gamma[place], float(beta[channel]), names=names)


GCT = GCTMechanism()
