"""What a kind of attention layer has to say of itself to be recognised and read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

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
    mechanism has none; `read` brings the raw values to the shape (N, C).
    """

    name: str
    title: str
    formula: str
    recognises: Callable[[nn.Module], bool]
    probes: Callable[[nn.Module], Probes]
    taps: Callable[[nn.Module], Tensor | None] = nothing
    reduction: Callable[[nn.Module], float | None] = nothing
    read: Callable[[Reading], Reading] = flatten_channels
