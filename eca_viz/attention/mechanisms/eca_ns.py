"""ECA-NS: each channel has k taps of its own, which are not shared between channels."""

from collections.abc import Callable

from torch import Tensor, nn

from eca_viz.attention import descriptions
from eca_viz.attention.mechanism import Row, band, wrapped
from eca_viz.attention.mechanisms.pooled_gate import PooledGate, PooledMechanism, uniform_weight
from eca_viz.kernel_size import odd_kernel_size


class LocalTaps(nn.Module):
    """z_i = Σ_j w_i^j y_i^j for (N, C): a band matrix with `weight` (C, k) in its rows."""

    def __init__(self, channels: int, kernel_size: int) -> None:
        super().__init__()
        self.weight = uniform_weight(channels, kernel_size, inputs=kernel_size)
        self.margin = kernel_size // 2

    def forward(self, descriptor: Tensor) -> Tensor:
        return self.mix_padded(nn.functional.pad(descriptor, (self.margin, self.margin)))

    def mix_padded(self, padded: Tensor) -> Tensor:
        """z (N, C) from y with `margin` further channels at both ends."""
        return (padded.unfold(1, self.weight.shape[1], 1) * self.weight).sum(2)


class ECANSLayer(PooledGate[LocalTaps]):
    """Gates from k own taps per channel: k·C parameters, W is a band of width k.

    y is padded with (k-1)/2 zeros at each end, which (k²-1)/4 of the k·C taps multiply.
    Without `kernel_size`, k follows Eq. 12. Raises ValueError for an even or non-positive
    kernel size.
    Source: Wang et al., "ECA-Net", CVPR 2020, Eq. 7.
    """

    def __init__(self, channels: int, kernel_size: int | None = None) -> None:
        super().__init__(LocalTaps(channels, odd_kernel_size(channels, kernel_size)))


class ECANSMechanism(PooledMechanism[LocalTaps]):
    name, title, formula = descriptions.ECA_NS
    layer = ECANSLayer

    def row(self, module: nn.Module, channel: int, channels: int) -> Row:
        taps = self.known_parts(module).first.weight.detach()[channel]
        return Row(band(channel, len(taps)), taps)

    def circular(self, module: nn.Module) -> Callable[[Tensor], Tensor]:
        mix = self.known_parts(module).first
        return lambda y: mix.mix_padded(wrapped(y, mix.margin))


ECA_NS = ECANSMechanism()
