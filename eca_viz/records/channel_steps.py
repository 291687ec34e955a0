"""How one channel's gate is computed, step by step."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from eca_viz.records.base import Floats, Record

Places = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Terms(Record):
    """A sum of T terms: the `values` (T,) times the `coefficients` (T,), plus `bias`.

    `indices` (T,) are the channels or bottleneck places of the values, -1 in the padding, where
    the value is 0; `places` (T,) are those of the coefficients, below 0 or above C - 1 there.
    `names` say what each value is of its channel, and are empty where all are its descriptor.
    """

    places: Places
    indices: Places
    values: Floats
    coefficients: Floats
    bias: float
    names: tuple[str, ...] = ()

    @property
    def products(self) -> NDArray[np.float64]:
        """Each value times its coefficient."""
        products: NDArray[np.float64] = self.values.astype(np.float64) * self.coefficients
        return products

    @property
    def total(self) -> float:
        """All products and the bias together."""
        return float(self.products.sum()) + self.bias


@dataclass(frozen=True, eq=False)
class Bottleneck(Record):
    """The bottleneck of an SE layer: `sums` (B,) = `weight` (B, C) y + `bias` (B,).

    The function named `activation` maps the sums to `values` (B,).
    """

    weight: Floats
    bias: Floats
    sums: Floats
    values: Floats
    activation: str

    def terms(self, place: int, descriptor: Floats) -> Terms:
        """The terms of the sum at one place, of a descriptor (C,)."""
        channels = np.arange(len(descriptor))
        return Terms(channels, channels, descriptor, self.weight[place], float(self.bias[place]))


@dataclass(frozen=True, eq=False)
class ChannelSteps(Record):
    """How one channel's gate is computed: `terms` add up to logit z, `activation` maps z to ω.

    The terms' values are the descriptor's, or the bottleneck's where there is one. Where the layer
    takes averages and maxima (`of_maximum`) they are the sums of both; `bottleneck_of_maximum` is
    then that of the maxima, where there is one. `logit` (z) and `weight` (ω) were captured when
    the network ran.
    """

    layer: str
    channel: int
    mechanism: str
    terms: Terms
    bottleneck: Bottleneck | None
    logit: float
    weight: float
    activation: Literal["sigmoid", "hard sigmoid", "1 + tanh"]
    bottleneck_of_maximum: Bottleneck | None = None
    of_maximum: bool = False
