"""Efficient Channel Attention: one short convolution across the channels."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from eca_viz.attention.mechanism import (
    Mechanism,
    Mixing,
    Probe,
    Probes,
    Reading,
    Row,
    band,
    bias_of,
    flatten_channels,
    is_sigmoid,
    wrapped,
)
from eca_viz.kernel_size import adaptive_kernel_size


class ECALayer(nn.Module):
    """Scales every channel of X by its gate ω = σ(Conv1d_k(GAP(X))).

    Input and output are (N, C, H, W); the convolution has no bias and zero padding
    (k-1)/2, so the layer adds k parameters. Without `kernel_size`, k follows Eq. 12.
    Raises ValueError for an even or non-positive kernel size.
    Source: Wang et al., "ECA-Net", CVPR 2020, Eq. 8 and 9.
    """

    def __init__(self, channels: int, kernel_size: int | None = None) -> None:
        super().__init__()
        k = adaptive_kernel_size(channels) if kernel_size is None else kernel_size
        if k < 1 or k % 2 == 0:
            raise ValueError(f"got kernel size {k}; ECA needs an odd one, 1 or more")
        self.channels = channels
        self.avg_pool = nn.AdaptiveAvgPool2d(1)
        self.conv = nn.Conv1d(1, 1, kernel_size=k, padding=(k - 1) // 2, bias=False)
        self.sigmoid = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        descriptor = torch.flatten(self.avg_pool(x), 1).unsqueeze(1)
        weights: Tensor = self.sigmoid(self.conv(descriptor))
        return x * weights.transpose(1, 2).unsqueeze(-1)


def _parts(module: nn.Module) -> tuple[nn.Conv1d, nn.Module] | None:
    """Convolution and sigmoid of a module that is built like an ECA layer.

    Beside them it may hold pools: implementations differ in whether pooling is a module,
    and some bring a sigmoid class of their own.
    """
    convolutions, sigmoids = [], []
    for child in module.children():
        if isinstance(child, nn.Conv1d):
            convolutions.append(child)
        elif is_sigmoid(child):
            sigmoids.append(child)
        elif "Pool" not in type(child).__name__:
            return None
    if len(convolutions) != 1 or len(sigmoids) != 1:
        return None
    conv = convolutions[0]
    plain = conv.stride == (1,) and conv.dilation == (1,) and conv.kernel_size[0] % 2 == 1
    return (conv, sigmoids[0]) if conv.weight.shape[:2] == (1, 1) and plain else None


def _is_circular(conv: nn.Conv1d) -> bool:
    """A convolution that does not pad is taken for timm's, whose layer pads circularly before."""
    unpadded = conv.kernel_size[0] > 1 and conv.padding == (0,)
    return unpadded or conv.padding_mode == "circular"


def _recognises_zero_padded(module: nn.Module) -> bool:
    parts = _parts(module)
    return parts is not None and not _is_circular(parts[0])


def _recognises_circular(module: nn.Module) -> bool:
    parts = _parts(module)
    return parts is not None and _is_circular(parts[0])


def _known_parts(module: nn.Module) -> tuple[nn.Conv1d, nn.Module]:
    parts = _parts(module)
    if parts is None:
        raise TypeError(f"{type(module).__name__} is not built like an ECA layer")
    return parts


def _probes(module: nn.Module) -> Probes:
    conv, sigmoid = _known_parts(module)
    return Probes(Probe(conv, "input"), Probe(conv, "output"), Probe(sigmoid, "output"))


def _taps(module: nn.Module) -> Tensor:
    return _known_parts(module)[0].weight.detach().flatten()


def _row(module: nn.Module, channel: int, channels: int) -> Row:
    conv, _ = _known_parts(module)
    taps = _taps(module)
    return Row(band(channel, len(taps)), taps, bias_of(conv, 0), _is_circular(conv))


def _mixing(module: nn.Module) -> Mixing:
    conv, _ = _known_parts(module)
    padded_before = conv.padding == (0,)
    return Mixing(conv, conv, (conv.kernel_size[0] - 1) // 2 if padded_before else 0)


def _circular(module: nn.Module) -> Callable[[Tensor], Tensor]:
    conv, _ = _known_parts(module)
    return lambda y: nn.functional.conv1d(
        wrapped(y, (conv.kernel_size[0] - 1) // 2), conv.weight, conv.bias
    )


def _read_circular(reading: Reading) -> Reading:
    """Where the layer pads by itself, the convolution sees the descriptor with both margins."""
    descriptor, logits, weights = flatten_channels(reading)
    margin = (descriptor.shape[1] - logits.shape[1]) // 2
    return Reading(descriptor[:, margin : margin + logits.shape[1]], logits, weights)


ECA = Mechanism(
    name="eca",
    title="ECA",
    formula=r"\omega = \sigma(\mathrm{C1D}_k(y))",
    recognises=_recognises_zero_padded,
    probes=_probes,
    mixing=_mixing,
    circular=_circular,
    taps=_taps,
    row=_row,
)

CIRCULAR_ECA = Mechanism(
    name="ceca",
    title="ECA, circular",
    formula=r"\omega = \sigma(\mathrm{C1D}_k^{\circlearrowleft}(y))",
    recognises=_recognises_circular,
    probes=_probes,
    mixing=_mixing,
    taps=_taps,
    row=_row,
    read=_read_circular,
)
