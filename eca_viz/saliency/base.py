"""What a saliency method declares of itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from eca_viz.errors import SaliencyError
from eca_viz.parameters import Param, Parameters, complete


class Subject(NamedTuple):
    """What is asked about: a private network, its Grad-CAM layer, an input and a class index."""

    model: nn.Module
    layer: nn.Module
    inputs: Tensor
    target: int


class Attribution(NamedTuple):
    """Captum's attribution (1, C, H, W) and, where the method has one, its convergence delta."""

    values: Tensor
    delta: float | None = None


def anything(model: nn.Module) -> str | None:
    """For methods that work on every network."""
    return None


@dataclass(frozen=True)
class Method:
    """One saliency method of Captum.

    `reading` says in one sentence what a value means. `attribute` calls Captum and `reduce`
    makes one number a pixel of what it returns. `forwards` is the number of forward passes
    that `attribute` makes for the given parameters and side length, for progress.
    `obstacle` says why a network does not suit the method, or None.
    """

    name: str
    title: str
    reading: str
    signed: bool
    attribute: Callable[[Subject, Parameters], Attribution]
    reduce: Callable[[Tensor], Tensor]
    forwards: Callable[[Parameters, int], int]
    params: tuple[Param, ...] = ()
    obstacle: Callable[[nn.Module], str | None] = anything

    def complete(self, given: Parameters) -> dict[str, float]:
        """All parameters, with the defaults for those not given; raises SaliencyError."""
        return complete(self.name, self.params, given, SaliencyError)


def channel_sum(values: Tensor) -> Tensor:
    """Sum over the colour channels: keeps the sign and the total."""
    return values.sum(dim=1)


def channel_mean(values: Tensor) -> Tensor:
    """Mean over the colour channels."""
    return values.mean(dim=1)


def largest_magnitude(values: Tensor) -> Tensor:
    """Largest absolute value over the colour channels, as in Simonyan et al. 2014."""
    return torch.amax(values.abs(), dim=1)
