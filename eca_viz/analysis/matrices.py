"""Matrices made smaller, and correlations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from eca_viz.records import Floats

if TYPE_CHECKING:
    pass


def coarse(matrix: Floats, side: int) -> Floats:
    """A square matrix in at most side × side cells, each with its entry of largest magnitude."""
    step = -(-len(matrix) // side)
    if step == 1:
        return matrix
    from skimage.measure import block_reduce  # slow to import

    high, low = (
        block_reduce(matrix, (step, step), func)  # type: ignore[no-untyped-call]
        for func in (np.max, np.min)
    )
    found: Floats = np.where(high >= -low, high, low)
    return found


def gate_similarity(gates: Sequence[Floats]) -> NDArray[np.float64]:
    """Pearson's correlation (n, n) of gates (C,) over the channels; NaN for equal gates."""
    import pandas as pd  # slow to import

    return pd.DataFrame(np.stack(gates, axis=1)).corr().to_numpy()


def rank_correlation(one: Floats, other: Floats) -> float | None:
    """Spearman's ρ of the values of two arrays; None where one has equal values only."""
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return None
    from scipy.stats import spearmanr  # slow to import

    return float(spearmanr(one.ravel(), other.ravel()).statistic)
