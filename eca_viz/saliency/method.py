"""What a saliency method declares of itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from eca_viz.errors import SaliencyError
from eca_viz.locale.texts import Text, text
from eca_viz.settings import Choice, Param, Settings, complete

if TYPE_CHECKING:
    from torch import Tensor, nn

SEED = Param("seed", text("Seed of the random numbers"), 0, 0, 99, 1)


class Subject(NamedTuple):
    """What is asked about: a private network, its Grad-CAM layer, an input and a class index.

    `target` is None where the network puts out one score.
    """

    model: nn.Module
    layer: nn.Module
    inputs: Tensor
    target: int | None


class Attribution(NamedTuple):
    """Captum's attribution (1, C, H, W) and, where the method has one, its convergence delta."""

    values: Tensor
    delta: float | None = None


def anything(model: nn.Module, settings: Settings) -> Text | None:
    """For methods that work on every network."""
    return None


def one_pass(settings: Settings, inputs: Tensor) -> int:
    """For methods that run the network once."""
    return 1


@dataclass(frozen=True)
class Method:
    """One saliency method of Captum, which is imported with the first map.

    `reading` says in one sentence what a value means. `attribute` calls Captum and `reduce`
    makes one number a pixel of what it returns. `forwards` is the number of forward passes
    that `attribute` makes for the given parameters and input, for progress.
    `obstacle` says why a network does not suit the method, or None. The title is a Text unless it
    is a proper name.
    """

    name: str
    title: str
    reading: Text
    signed: bool
    attribute: Callable[[Subject, Settings], Attribution]
    reduce: Callable[[Tensor], Tensor]
    forwards: Callable[[Settings, Tensor], int]
    params: tuple[Param | Choice, ...] = ()
    obstacle: Callable[[nn.Module, Settings], Text | None] = anything

    def declared(self, layers: Sequence[str]) -> tuple[Param | Choice, ...]:
        """The parameters for a network with these attention layers."""
        return tuple(p.among(layers) if isinstance(p, Choice) else p for p in self.params)

    def complete(self, given: Settings, layers: Sequence[str] | None = None) -> dict[str, Any]:
        """All parameters, with the defaults for those not given; raises SaliencyError.

        Names of layers are checked only where the network's attention `layers` are given.
        """
        params = self.params if layers is None else self.declared(layers)
        return complete(self.name, params, given, SaliencyError)


def channel_sum(values: Tensor) -> Tensor:
    """Sum over the colour channels: keeps the sign and the total."""
    return values.sum(dim=1)


def channel_mean(values: Tensor) -> Tensor:
    """Mean over the colour channels."""
    return values.mean(dim=1)


def largest_magnitude(values: Tensor) -> Tensor:
    """Largest absolute value over the colour channels, as in Simonyan et al. 2014."""
    return values.abs().amax(dim=1)
