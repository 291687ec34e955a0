"""Efficient Channel Attention: one short convolution across the channels."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from eca_viz.attention import descriptions
from eca_viz.attention.mechanism import MechanismBase, Parts, Row, band, bias_of, wrapped
from eca_viz.attention.modules import gate_of, is_pool, is_sigmoid
from eca_viz.kernel_size import odd_kernel_size

# Where a convolution holds the taps that stand in for its own while they are changed.
CHANGED_TAPS = "changed_taps"


class ECALayer(nn.Module):
    """Scales every channel of X by its gate ω = σ(Conv1d_k(GAP(X))).

    Input and output are (N, C, H, W); the convolution has no bias and zero padding
    (k-1)/2, so the layer adds k parameters. Without `kernel_size`, k follows Eq. 12.
    Raises ValueError for an even or non-positive kernel size.
    Source: Wang et al., "ECA-Net", CVPR 2020, Eq. 8 and 9.
    """

    def __init__(self, channels: int, kernel_size: int | None = None) -> None:
        super().__init__()
        k = odd_kernel_size(channels, kernel_size)
        self.channels = channels
        self.avg_pool = nn.AdaptiveAvgPool2d(1)
        self.conv = nn.Conv1d(1, 1, kernel_size=k, padding=(k - 1) // 2, bias=False)
        self.sigmoid = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        descriptor = torch.flatten(self.avg_pool(x), 1).unsqueeze(1)
        weights: Tensor = self.sigmoid(self.conv(descriptor))
        return x * weights.transpose(1, 2).unsqueeze(-1)


def _pads_circularly(conv: nn.Conv1d) -> bool:
    """A convolution without padding is taken for timm's: its layer pads circularly before it."""
    unpadded = conv.kernel_size[0] > 1 and conv.padding == (0,)
    return unpadded or conv.padding_mode == "circular"


class ECAMechanism(MechanismBase[nn.Conv1d]):
    """ECA with zero padding."""

    name, title, formula = descriptions.ECA
    wraps = False

    def parts(self, module: nn.Module) -> Parts[nn.Conv1d] | None:
        """Convolution and sigmoid of a module that holds nothing else but pools.

        Implementations differ in whether pooling is a module, and in what the sigmoid is: a
        module of some class, or a function.
        """
        convolutions = []
        for child in module.children():
            if isinstance(child, nn.Conv1d):
                convolutions.append(child)
            elif not (is_sigmoid(child) or is_pool(child)):
                return None
        gate = gate_of(module) if len(convolutions) == 1 else None
        if gate is None:
            return None
        conv = convolutions[0]
        plain = conv.stride == (1,) and conv.dilation == (1,) and conv.kernel_size[0] % 2 == 1
        known = conv.weight.shape[:2] == (1, 1) and _pads_circularly(conv) == self.wraps
        return Parts(conv, conv, gate) if plain and known else None

    def logits(self, module: nn.Module, descriptor: Tensor, second: Tensor | None = None) -> Tensor:
        conv = self.known_parts(module).first
        return self._mixed(conv, descriptor, conv.weight.flatten())

    def _mixed(self, conv: nn.Conv1d, descriptor: Tensor, taps: Tensor) -> Tensor:
        """z (N, C) with any taps (k,)."""
        margin = len(taps) // 2
        padded = (
            wrapped(descriptor, margin)
            if self.wraps
            else nn.functional.pad(descriptor, (margin, margin))
        )
        terms = padded.to(taps.dtype).unfold(1, len(taps), 1) * taps
        return terms.sum(2) + (0.0 if conv.bias is None else conv.bias)

    def taps(self, module: nn.Module) -> Tensor:
        conv = self.known_parts(module).first
        changed: Tensor | None = vars(conv).get(CHANGED_TAPS)
        return conv.weight.detach().flatten() if changed is None else changed

    def with_taps(self, module: nn.Module, taps: Tensor) -> Callable[[Tensor], Tensor]:
        conv = self.known_parts(module).first

        def mix(given: Tensor) -> Tensor:
            z = self._mixed(conv, self.descriptor(module, given), taps.to(given))
            return z.reshape(*given.shape[:-1], -1)

        return mix

    def row(self, module: nn.Module, channel: int, channels: int) -> Row:
        taps = self.taps(module)
        bias = bias_of(self.known_parts(module).first, 0)
        return Row(band(channel, len(taps)), taps, bias, self.wraps)

    def circular(self, module: nn.Module) -> Callable[[Tensor], Tensor] | None:
        conv = self.known_parts(module).first
        margin = conv.kernel_size[0] // 2
        return lambda y: nn.functional.conv1d(wrapped(y, margin), conv.weight, conv.bias)


class CircularECAMechanism(ECAMechanism):
    """ECA with circular padding, by the convolution or by the layer before it."""

    name, title, formula = descriptions.CIRCULAR_ECA
    wraps = True

    def descriptor(self, module: nn.Module, value: Tensor) -> Tensor:
        """Where the layer pads, the convolution takes further channels at both ends."""
        flat, margin = value.flatten(1), self._margin(module)
        return flat[:, margin : flat.shape[1] - margin]

    def spread(self, module: nn.Module, descriptor: Tensor, given: Tensor) -> Tensor:
        return wrapped(descriptor, self._margin(module)).reshape(given.shape)

    def _margin(self, module: nn.Module) -> int:
        conv = self.known_parts(module).first
        return conv.kernel_size[0] // 2 if conv.padding == (0,) else 0

    def circular(self, module: nn.Module) -> None:
        return None


ECA = ECAMechanism()
CIRCULAR_ECA = CircularECAMechanism()
