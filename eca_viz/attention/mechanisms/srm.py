"""Style-based recalibration: each channel's gate from its own average and standard deviation."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from eca_viz.attention import descriptions
from eca_viz.attention.mechanism import Parts, Row
from eca_viz.attention.mechanisms.tentative import TentativeMechanism, epsilon_of
from eca_viz.attention.modules import gate_of, is_pool, is_sigmoid, own_forward, without_effects
from eca_viz.locale.texts import text


class SRMMechanism(TentativeMechanism[_BatchNorm]):
    """z = BN(w1 ⊙ y + w2 ⊙ s), with the average y and the standard deviation s of each channel.

    The weights are a parameter (C, 2), or those of a convolution of two inputs for each channel.
    Source: Lee et al., "SRM: A Style-based Recalibration Module for Convolutional Neural Networks",
    ICCV 2019, Eq. 2 to 5.
    """

    name, title, formula = descriptions.SRM
    poolings = ("average", "deviation")

    def parts(self, module: nn.Module) -> Parts[_BatchNorm] | None:
        """One batch norm, one sigmoid, the weights, and nothing else but pools."""
        found, gate = list(module.children()), gate_of(module)
        norms = [part for part in found if isinstance(part, _BatchNorm)]
        convolutions = [part for part in found if isinstance(part, nn.Conv1d)]
        others = [part for part in found if part not in (*norms, *convolutions)]
        if len(norms) != 1 or gate is None or len(convolutions) > 1:
            return None
        if not all(is_sigmoid(part) or is_pool(part) for part in others):
            return None
        norm, own = norms[0], list(module.parameters(recurse=False))
        count = norm.num_features
        if convolutions:
            conv = convolutions[0]
            known = conv.in_channels == conv.out_channels == conv.groups == count and not own
            known = known and conv.kernel_size == (2,) and conv.padding == (0,)
        else:
            known = len(own) == 1 and own[0].squeeze(0).shape == (count, 2)
        return Parts(norm, norm, gate) if known else None

    def descriptors(self, module: nn.Module, value: Tensor, logits: Tensor) -> tuple[Tensor, ...]:
        """The average, and the deviation of those in use that gives the logits best.

        Implementations differ in whether they divide by the number of positions or by one less,
        and in whether they add a small number to the variance.
        """
        average = value.flatten(2).mean(2)

        def misfit(deviation: Tensor) -> float:
            error = (self.logits(module, average, deviation) - logits).abs().amax()
            return float(error.detach().nan_to_num(torch.inf))

        return average, min(_deviations(value.flatten(2), epsilon_of(module)), key=misfit)

    def logits(self, module: nn.Module, descriptor: Tensor, second: Tensor | None = None) -> Tensor:
        if second is None:
            raise TypeError(f"{self.title} takes the averages and the standard deviations")
        weight, bias = self._weights(module)
        styles = descriptor * weight[:, 0] + second * weight[:, 1] + bias
        norm = self.known_parts(module).first
        shaped = styles if isinstance(norm, nn.BatchNorm1d) else styles[:, :, None, None]
        return own_forward(without_effects(norm), shaped).flatten(1)

    def _weights(self, module: nn.Module) -> tuple[Tensor, Tensor]:
        """Those of average and deviation (C, 2), and a bias (C,), before the norm."""
        for part in module.children():
            if isinstance(part, nn.Conv1d):
                weight = part.weight[:, 0]
                return weight, torch.zeros_like(weight[:, 0]) if part.bias is None else part.bias
        (weight,) = (one.squeeze(0) for one in module.parameters(recurse=False))
        return weight, torch.zeros_like(weight[:, 0])

    def inputs(self, module: nn.Module, descriptor: Tensor, second: Tensor | None) -> Tensor:
        """All averages, then all deviations."""
        return torch.cat([one for one in (descriptor, second) if one is not None])

    def row(self, module: nn.Module, channel: int, channels: int) -> Row | None:
        """Two terms, with the batch norm in them, which is a factor and a summand here.

        None in training mode, where it depends on the other images of the batch.
        """
        norm, (weight, bias) = self.known_parts(module).first, self._weights(module)
        if norm.running_mean is None or norm.running_var is None or norm.training:
            return None
        factor = (norm.running_var[channel].double() + norm.eps).rsqrt()
        shift = (bias[channel].double() - norm.running_mean[channel]) * factor
        if norm.affine:
            factor, shift = factor * norm.weight[channel], shift * norm.weight[channel]
            shift = shift + norm.bias[channel]
        return Row(
            torch.tensor([channel, channels + channel]),
            (weight[channel] * factor).detach(),
            float(shift.detach()),
            # Translators: what a term is of its channel: "average of 3".
            names=(text("average"), text("deviation")),
        )


def _deviations(value: Tensor, epsilon: float) -> Iterator[Tensor]:
    """Standard deviations (N, C) over positions (N, C, P), as implementations compute them."""
    for correction in (1, 0) if value.shape[2] > 1 else (0,):
        variance = value.var(2, correction=correction)
        yield variance.sqrt()
        yield (variance + epsilon).sqrt()


SRM = SRMMechanism()
