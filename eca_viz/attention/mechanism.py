"""What a kind of attention layer has to say of itself to be recognised and read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn


class Probe(NamedTuple):
    """A place in a layer where a value can be read: what goes into or comes out of a module."""

    module: nn.Module
    side: Literal["input", "output"]


class Probes(NamedTuple):
    """Where a layer's descriptor y, logits z and weights ω can be read, in this order of time."""

    descriptor: Probe
    logits: Probe
    weights: Probe


class Reading(NamedTuple):
    """Descriptor, logits and weights of one layer."""

    descriptor: Tensor
    logits: Tensor
    weights: Tensor


class Row(NamedTuple):
    """How one logit is made: Σ coefficients · inputs at `places` + bias.

    The inputs are the descriptor's channels, or the values in the bottleneck where there is
    one. Places outside of the channels hold zeros, or go on at the other end if `wraps`.
    """

    places: Tensor
    coefficients: Tensor
    bias: float = 0.0
    wraps: bool = False


def band(channel: int, width: int) -> Tensor:
    """The places of a window of odd width with `channel` in its middle."""
    return torch.arange(channel - width // 2, channel + width // 2 + 1)


def bias_of(module: nn.Module, place: int) -> float:
    """One entry of a module's bias, 0 where it has none."""
    bias = getattr(module, "bias", None)
    return 0.0 if bias is None else float(bias.detach()[place])


class Mixing(NamedTuple):
    """Where y becomes z: the module that is given y, and the one that gives z; often the same.

    `margin` is how many channels of padding each side of y has when it arrives.
    """

    first: nn.Module
    last: nn.Module
    margin: int = 0


def flatten_channels(reading: Reading) -> Reading:
    """Brings each value to the shape (N, C)."""
    return Reading(*(value.flatten(1) for value in reading))


def leaves(module: nn.Module) -> Iterator[nn.Module]:
    """The modules that a layer is made of: its children, and those of a Sequential among them."""
    for child in module.children():
        if type(child) is nn.Sequential:
            yield from leaves(child)
        else:
            yield child


class Squeezed(NamedTuple):
    """A bottleneck at one descriptor: what goes into it, its layer, and what comes out.

    `weight` (B, C) and `bias` (B,) make the `sums` (B,); `activation` says what makes the
    `values` (B,) of them.
    """

    weight: Tensor
    bias: Tensor
    sums: Tensor
    values: Tensor
    activation: str


def is_sigmoid(module: nn.Module) -> bool:
    """A sigmoid or its piecewise linear stand-in; libraries bring classes of their own."""
    return type(module).__name__.lower() in {"sigmoid", "hardsigmoid", "hardsigmoidme"}


def nothing(module: nn.Module) -> None:
    """For mechanisms without taps, without a reduction or without padding."""


def wrapped(descriptor: Tensor, margin: int) -> Tensor:
    """A descriptor (…, C) continued at both ends by `margin` channels of its other end."""
    channels = descriptor.shape[-1]
    return descriptor[..., torch.arange(-margin, channels + margin) % channels]


@dataclass(frozen=True)
class Mechanism:
    """One kind of channel attention.

    `formula` is LaTeX. `recognises` tells whether a module is such a layer; the other
    functions are only called on a module that is. `taps` gives the kernel (k,) and
    `reduction` the ratio of the channels to those in the bottleneck, or None where the
    mechanism has none; `read` brings the raw values to the shape (N, C). `mixing` says where
    the channels of y are mixed; `circular` gives the function from what goes in there to z
    if it is padded with the channels of the other end, None where nothing is padded with zeros.
    `row` gives the arithmetic behind the logit of one channel of C, None where it cannot be
    seen; `squeeze` the values of a bottleneck (B,) at a descriptor (C,), None without one.
    """

    name: str
    title: str
    formula: str
    recognises: Callable[[nn.Module], bool]
    probes: Callable[[nn.Module], Probes]
    mixing: Callable[[nn.Module], Mixing]
    taps: Callable[[nn.Module], Tensor | None] = nothing
    reduction: Callable[[nn.Module], float | None] = nothing
    read: Callable[[Reading], Reading] = flatten_channels
    circular: Callable[[nn.Module], Callable[[Tensor], Tensor] | None] = nothing
    row: Callable[[nn.Module, int, int], Row | None] = lambda module, channel, channels: None
    squeeze: Callable[[nn.Module, Tensor], Squeezed | None] = lambda module, descriptor: None
