"""What can be merged of many rows of numbers: moments, products, the most extreme rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from eca_viz.records.base import Floats
from eca_viz.records.statistics import Counts, Doubles, RankedImage

RANKED = 9


@dataclass(frozen=True, eq=False)
class Moments:
    """Count, mean, sum of squared differences from it, minimum and maximum of columns (C,)."""

    count: int
    mean: Doubles
    squares: Doubles
    low: Floats
    high: Floats

    @classmethod
    def of(cls, values: Floats) -> Moments:
        """Those of at least one row of `values` (n, C)."""
        mean = values.mean(0, dtype=np.float64)
        squares = np.square(values - mean).sum(0)
        return cls(len(values), mean, squares, values.min(0), values.max(0))

    def merge(self, other: Moments) -> Moments:
        """Those of both (Chan, Golub & LeVeque 1983)."""
        count = self.count + other.count
        apart = other.mean - self.mean
        return Moments(
            count,
            self.mean + apart * (other.count / count),
            self.squares + other.squares + apart**2 * (self.count * other.count / count),
            np.minimum(self.low, other.low),
            np.maximum(self.high, other.high),
        )

    @property
    def sd(self) -> Doubles:
        """The standard deviation of the rows themselves."""
        deviation: Doubles = np.sqrt(self.squares / self.count)
        return deviation


@dataclass(frozen=True, eq=False)
class Products:
    """Count, mean (C,) and the sum of products of differences from it (C, C)."""

    count: int
    mean: Doubles
    products: Doubles

    @classmethod
    def of(cls, values: Floats) -> Products:
        """Those of at least one row of `values` (n, C)."""
        mean = values.mean(0, dtype=np.float64)
        apart = values - mean
        return cls(len(values), mean, apart.T @ apart)

    def merge(self, other: Products) -> Products:
        """Those of both, as for `Moments`."""
        count = self.count + other.count
        apart = other.mean - self.mean
        between = np.outer(apart, apart) * (self.count * other.count / count)
        return Products(
            count,
            self.mean + apart * (other.count / count),
            self.products + other.products + between,
        )

    def effective_rank(self) -> float:
        """As in LayerStatistics."""
        singular = np.sqrt(np.linalg.eigvalsh(self.products).clip(0))
        if not singular.any():
            return 0.0
        shares = singular[singular > 0] / singular.sum()
        return float(np.exp(-(shares * np.log(shares)).sum()))


@dataclass(frozen=True, eq=False)
class Ranking:
    """The most extreme `values` (C, n ≤ RANKED) of each channel, and the images' numbers (C, n).

    The first is the most extreme. Of equal values that of the lower number comes first.
    """

    largest: bool
    values: Floats
    images: Counts

    @classmethod
    def of(cls, values: Floats, images: Counts, largest: bool) -> Ranking:
        """That of rows `values` (n, C) of the `images` (n,)."""
        numbers = np.broadcast_to(images, values.T.shape)
        return cls(largest, values.T, numbers)._cut()

    def merge(self, other: Ranking) -> Ranking:
        """That of both."""
        return Ranking(
            self.largest,
            np.concatenate([self.values, other.values], axis=1),
            np.concatenate([self.images, other.images], axis=1),
        )._cut()

    def _cut(self) -> Ranking:
        keys = -self.values if self.largest else self.values
        order = np.lexsort((self.images, keys), axis=1)[:, :RANKED]
        return Ranking(
            self.largest,
            np.take_along_axis(self.values, order, 1),
            np.take_along_axis(self.images, order, 1),
        )

    def named(self, name: Callable[[int], tuple[str, str]]) -> tuple[tuple[RankedImage, ...], ...]:
        """The images of each channel; `name` gives path and digest by number."""
        return tuple(
            tuple(
                RankedImage(*name(int(image)), float(value))
                for image, value in zip(images, values, strict=True)
            )
            for images, values in zip(self.images, self.values, strict=True)
        )
