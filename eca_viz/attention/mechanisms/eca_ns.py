"""ECA-NS: every channel listens to its k neighbours with taps of its own, not shared."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from eca_viz.attention.mechanism import Mechanism, Row, band, wrapped
from eca_viz.attention.mechanisms.pooled_gate import (
    PooledGate,
    learned,
    mixing,
    probes,
    uniform_parameter,
)
from eca_viz.kernel_size import adaptive_kernel_size


class LocalTaps(nn.Module):
    """z_i = Σ_j w_i^j y_i^j for (N, C): a band matrix with `weight` (C, k) in its rows."""

    def __init__(self, channels: int, kernel_size: int) -> None:
        super().__init__()
        self.weight = uniform_parameter(channels, kernel_size, inputs=kernel_size)

    def forward(self, descriptor: Tensor) -> Tensor:
        margin = self.weight.shape[1] // 2
        return self.mix_padded(torch.nn.functional.pad(descriptor, (margin, margin)))

    def mix_padded(self, padded: Tensor) -> Tensor:
        """z (N, C) from y with (k-1)/2 further channels at both ends."""
        return (padded.unfold(1, self.weight.shape[1], 1) * self.weight).sum(2)


class ECANSLayer(PooledGate):
    """Gates from k own taps per channel: k·C parameters, W is a band of width k.

    Zeros stand beyond the first and last channel, so of the k·C taps (k²-1)/4 at the edges
    have nothing to multiply. Without `kernel_size`, k follows Eq. 12. Raises ValueError for
    an even or non-positive kernel size.
    Source: Wang et al., "ECA-Net", CVPR 2020, Eq. 7.
    """

    def __init__(self, channels: int, kernel_size: int | None = None) -> None:
        k = adaptive_kernel_size(channels) if kernel_size is None else kernel_size
        if k < 1 or k % 2 == 0:
            raise ValueError(f"got kernel size {k}; ECA-NS needs an odd one, 1 or more")
        super().__init__(LocalTaps(channels, k))


def _row(module: nn.Module, channel: int, channels: int) -> Row:
    taps = learned(module)[channel]
    return Row(band(channel, len(taps)), taps)


def _circular(module: nn.Module) -> Callable[[Tensor], Tensor]:
    taps = mixing(module).first
    if not isinstance(taps, LocalTaps):
        raise TypeError(f"{type(taps).__name__} holds no local taps")
    return lambda y: taps.mix_padded(wrapped(y, taps.weight.shape[1] // 2))


ECA_NS = Mechanism(
    name="eca_ns",
    title="ECA-NS",
    formula=r"\omega_i = \sigma(\textstyle\sum_j w_i^j\,y_i^j)",
    recognises=lambda module: isinstance(module, ECANSLayer),
    probes=probes,
    row=_row,
    mixing=mixing,
    circular=_circular,
)
