"""ECA-NS: each channel has k taps of its own, which are not shared between channels."""

from collections.abc import Callable

from torch import Tensor, nn

from eca_viz.attention import descriptions
from eca_viz.attention.mechanism import Parts, Row, band, bias_of, wrapped
from eca_viz.attention.mechanisms.pooled_gate import PooledGate, PooledMechanism, uniform_weight
from eca_viz.attention.modules import gate_of, is_pool, is_sigmoid, own_forward
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


class ECANSMechanism(PooledMechanism[LocalTaps | nn.Conv1d]):
    """Our layer, and the official one: a grouped convolution of windows that are cut out before.

    The official convolution takes (N, C, k), the window of each channel.
    """

    name, title, formula = descriptions.ECA_NS
    layer = ECANSLayer

    def parts(self, module: nn.Module) -> Parts[LocalTaps | nn.Conv1d] | None:
        own = super().parts(module)
        if own is not None:
            return own
        found, gate = list(module.children()), gate_of(module)
        mixes = [part for part in found if isinstance(part, nn.Conv1d)]
        if len(mixes) != 1 or gate is None:
            return None
        conv, k = mixes[0], mixes[0].kernel_size[0]
        depthwise = conv.in_channels == conv.out_channels == conv.groups > 1
        others = [part for part in found if part is not conv and not is_sigmoid(part)]
        plain = conv.padding == (0,) and conv.dilation == (1,) and k % 2 == 1
        if not (depthwise and plain and all(map(is_pool, others))):
            return None
        return Parts(conv, conv, gate)

    def logits(self, module: nn.Module, descriptor: Tensor, second: Tensor | None = None) -> Tensor:
        mix = self.known_parts(module).first
        value = self.spread(module, descriptor, descriptor).to(mix.weight.dtype)
        return own_forward(mix, value).flatten(1)

    def descriptor(self, module: nn.Module, value: Tensor) -> Tensor:
        """Of windows the middle."""
        if isinstance(self.known_parts(module).first, LocalTaps):
            return value.flatten(1)
        windows = value.flatten(2)
        return windows[..., windows.shape[-1] // 2]

    def spread(self, module: nn.Module, descriptor: Tensor, given: Tensor) -> Tensor:
        mix = self.known_parts(module).first
        if isinstance(mix, LocalTaps):
            return descriptor.reshape(given.shape)
        margin = mix.kernel_size[0] // 2
        return _windows(nn.functional.pad(descriptor, (margin, margin)), mix)

    def row(self, module: nn.Module, channel: int, channels: int) -> Row:
        mix = self.known_parts(module).first
        taps = mix.weight.detach()[channel].flatten()
        return Row(band(channel, len(taps)), taps, bias_of(mix, channel))

    def circular(self, module: nn.Module) -> Callable[[Tensor], Tensor]:
        mix = self.known_parts(module).first
        if isinstance(mix, LocalTaps):
            return lambda y: mix.mix_padded(wrapped(y, mix.margin))
        margin = mix.kernel_size[0] // 2
        return lambda given: own_forward(
            mix, _windows(wrapped(self.descriptor(module, given), margin), mix)
        )


def _windows(padded: Tensor, mix: nn.Conv1d) -> Tensor:
    """The window (N, C, k) of each channel of y with a margin at both ends."""
    return padded.unfold(1, mix.kernel_size[0], 1)


ECA_NS = ECANSMechanism()
