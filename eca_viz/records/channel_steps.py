"""One channel's gate, step by step."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from eca_viz.records.base import Floats, Record

Places = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Terms(Record):
    """A sum worked out: `values` times `coefficients`, and `bias`, make `total`.

    `indices` (T,) says whose values they are, -1 for a place beyond the edge, where a zero
    stands; `places` (T,) is where the coefficients lie, counted past the edges.
    """

    places: Places
    indices: Places
    values: Floats
    coefficients: Floats
    bias: float

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
    """The middle of an SE layer: `weight` (B, C) y + `bias` (B,) makes `sums` (B,).

    `activation` says what makes `values` (B,) of the sums.
    """

    weight: Floats
    bias: Floats
    sums: Floats
    values: Floats
    activation: str

    def terms(self, place: int, descriptor: Floats) -> Terms:
        """How one of the sums is made of a descriptor (C,)."""
        channels = np.arange(len(descriptor))
        return Terms(channels, channels, descriptor, self.weight[place], float(self.bias[place]))


@dataclass(frozen=True, eq=False)
class ChannelSteps(Record):
    """How one channel's weight is made: `terms` add up to z, and `activation` makes ω of it.

    The terms' values are the descriptor's, or the bottleneck's where there is one. `logit`
    and `weight` are what was captured when the network ran.
    """

    layer: str
    channel: int
    mechanism: str
    terms: Terms
    bottleneck: Bottleneck | None
    logit: float
    weight: float
    activation: Literal["sigmoid", "hard sigmoid"]
