"""One channel's sums and feature maps in numbers: NumPy and pandas only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eca_viz.records.explanation import FeatureMaps, Floats, LayerAttention, Record

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
    """How one channel's weight is made: `terms` add up to z, and `squash` makes ω of it.

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
    squash: Literal["sigmoid", "hard sigmoid"]


def leading_terms(terms: Terms, count: int) -> tuple[list[int], float]:
    """Which terms have the largest products, in their own order, and the sum of the others."""
    products = terms.products
    largest = np.sort(np.argsort(-np.abs(products), kind="stable")[:count])
    return [int(place) for place in largest], float(np.delete(products, largest).sum())


def terms_table(terms: Terms) -> pd.DataFrame:
    """Every term of a sum, and what the sum has come to behind it; the last row is the bias."""
    table = pd.DataFrame(
        {
            "place": terms.places,
            "from": ["beyond the edge" if i < 0 else str(i) for i in terms.indices],
            "value": terms.values.astype(np.float64),
            "coefficient": terms.coefficients.astype(np.float64),
            "product": terms.products,
        }
    )
    if terms.bias:
        table.loc[len(table)] = [None, "bias", None, None, terms.bias]
    return table.assign(sum=table["product"].cumsum())


def map_table(
    maps: FeatureMaps, record: LayerAttention, channels: Mapping[str, int]
) -> pd.DataFrame:
    """Some channels' feature maps in numbers, before and behind the gate.

    The mean of a map before the gate is the channel's descriptor y.
    """
    return pd.DataFrame(
        {
            "channel": index,
            "which": name,
            "ω": float(record.weights[0, index]),
            "mean = y": float(maps.before[index].mean()),
            "smallest": float(maps.before[index].min()),
            "largest": float(maps.before[index].max()),
            "mean × ω": float(maps.before[index].mean() * record.weights[0, index]),
        }
        for name, index in channels.items()
    )
