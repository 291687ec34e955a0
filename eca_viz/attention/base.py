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
    """For mechanisms without taps or without a reduction."""


@dataclass(frozen=True)
class Mechanism:
    """One kind of channel attention.

    `formula` is LaTeX. `recognises` tells whether a module is such a layer; the other
    functions are only called on a module that is. `taps` gives the kernel (k,) and
    `reduction` the ratio of the channels to those in the bottleneck, or None where the
    mechanism has none; `read` brings the raw values to the shape (N, C). `row` gives the
    arithmetic behind the logit of one channel of C, None where it cannot be seen; `squeeze`
    the values of a bottleneck (B,) before and after its activation at a descriptor (C,).
    """

    name: str
    title: str
    formula: str
    recognises: Callable[[nn.Module], bool]
    probes: Callable[[nn.Module], Probes]
    taps: Callable[[nn.Module], Tensor | None] = nothing
    reduction: Callable[[nn.Module], float | None] = nothing
    read: Callable[[Reading], Reading] = flatten_channels
    row: Callable[[nn.Module, int, int], Row | None] = lambda module, channel, channels: None
    squeeze: Callable[[nn.Module, Tensor], Squeezed | None] = lambda module, descriptor: None
