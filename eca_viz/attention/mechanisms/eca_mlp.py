"""ECA with two convolutions: each channel becomes several values, k neighbours of which are mixed.

Such is timm's EcaModule with `use_mlp`, an experiment of that library.
"""

import copy

import torch
from torch import Tensor, nn

from eca_viz.attention import descriptions
from eca_viz.attention.mechanism import Parts, Row, band, bias_of
from eca_viz.attention.mechanisms.tentative import TentativeMechanism
from eca_viz.attention.modules import called_activations, gate_of, is_pool, is_sigmoid, own_forward


class ECAMLPMechanism(TentativeMechanism[nn.Conv1d]):
    """z = C1D_k(δ(C1D_1(y))) with R channels between the two convolutions."""

    name, title, formula = descriptions.ECA_MLP
    poolings = ("average",)

    def parts(self, module: nn.Module) -> Parts[nn.Conv1d] | None:
        """Two convolutions, a sigmoid, and nothing else with parameters."""
        found, gate = list(module.children()), gate_of(module)
        convolutions = [part for part in found if isinstance(part, nn.Conv1d)]
        others = [part for part in found if part not in convolutions]
        if len(convolutions) != 2 or gate is None or list(module.parameters(recurse=False)):
            return None
        if any(list(part.children()) or list(part.parameters()) for part in others):
            return None
        first, last = convolutions
        plain = all(
            part.stride == part.dilation == (1,)
            and part.groups == 1
            and part.padding_mode == "zeros"
            and part.kernel_size[0] % 2 == 1
            and part.padding == (part.kernel_size[0] // 2,)
            for part in convolutions
        )
        fits = first.in_channels == last.out_channels == 1
        fits = fits and first.out_channels == last.in_channels and first.kernel_size == (1,)
        return Parts(first, last, gate) if plain and fits else None

    def descriptors(self, module: nn.Module, value: Tensor, logits: Tensor) -> tuple[Tensor, ...]:
        return (value.flatten(2).mean(2),)

    def logits(self, module: nn.Module, descriptor: Tensor, second: Tensor | None = None) -> Tensor:
        return own_forward(self.known_parts(module).last, self._between(module, descriptor))[:, 0]

    def _between(self, module: nn.Module, descriptor: Tensor) -> Tensor:
        """The values (N, R, C) between the convolutions."""
        first = self.known_parts(module).first
        value = own_forward(first, descriptor.to(first.weight.dtype)[:, None])
        activations = [
            part
            for part in module.children()
            if not (isinstance(part, nn.Conv1d) or is_sigmoid(part) or is_pool(part))
        ]
        for part in activations:
            value = own_forward(part, value)
        for function in called_activations(module) if not activations else ():
            value = function(value)
        return value

    def inputs(self, module: nn.Module, descriptor: Tensor, second: Tensor | None) -> Tensor:
        """The values between the convolutions, those of each of the R one after the other."""
        private = copy.deepcopy(module).double()
        with torch.no_grad():
            return self._between(private, descriptor.double()[None]).flatten()

    def row(self, module: nn.Module, channel: int, channels: int) -> Row:
        last = self.known_parts(module).last
        count, size = last.in_channels, last.kernel_size[0]
        near = band(channel, size).expand(count, -1)
        inside = (near >= 0) & (near < channels)
        places = torch.where(inside, near + channels * torch.arange(count)[:, None], -1)
        names = tuple(f"h{number}" for number in range(count) for _ in range(size))
        weight = last.weight.detach()[0].flatten()
        return Row(places.flatten(), weight, bias_of(last, 0), names=names)


ECA_MLP = ECAMLPMechanism()
