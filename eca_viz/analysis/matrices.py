"""Matrices made smaller, and correlations."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from eca_viz.records import Floats


def coarse(matrix: Floats, side: int) -> Floats:
    """A square matrix in at most side × side cells, each with its entry of largest magnitude."""
    step = -(-len(matrix) // side)
    if step == 1:
        return matrix
    cells = -(-len(matrix) // step)
    padded = np.pad(matrix, (0, cells * step - len(matrix)))
    entries = padded.reshape(cells, step, cells, step).swapaxes(1, 2).reshape(cells, cells, -1)
    largest = np.abs(entries).argmax(2)[..., None]
    found: Floats = np.take_along_axis(entries, largest, 2)[..., 0]
    return found


def gate_similarity(gates: Sequence[Floats]) -> NDArray[np.float64]:
    """Pearson's correlation (n, n) of gates (C,) over the channels; NaN for gates all alike."""
    rows = np.asarray(gates, dtype=np.float64)
    centred = rows - rows.mean(1, keepdims=True)
    length = np.linalg.norm(centred, axis=1)
    length[length < 1e-9] = np.nan
    unit = centred / length[:, None]
    found: NDArray[np.float64] = unit @ unit.T
    return found


def rank_correlation(one: Floats, other: Floats) -> float | None:
    """Spearman's ρ of the values of two arrays; None where one of them is all alike."""
    from scipy.stats import spearmanr  # slow to import

    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return None
    return float(spearmanr(one.ravel(), other.ravel()).statistic)
