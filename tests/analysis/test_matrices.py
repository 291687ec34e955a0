"""Correlations and coarse matrices worked by hand."""

import numpy as np
import pytest

from eca_viz.analysis.matrices import coarse, gate_similarity, rank_correlation


def test_coarse_keeps_the_entry_of_largest_magnitude() -> None:
    matrix = np.zeros((5, 5), dtype=np.float32)
    matrix[0, 1], matrix[1, 0], matrix[4, 4] = 2, -3, 1
    np.testing.assert_array_equal(coarse(matrix, 3), [[-3, 0, 0], [0, 0, 0], [0, 0, 1]])
    assert coarse(matrix, 5) is matrix


def test_similarity_is_pearsons_and_blank_without_spread() -> None:
    gates = [np.array(g, dtype=np.float32) for g in ([0.1, 0.5, 0.2], [0.9, 0.3, 0.4], [1, 1, 1])]
    found = gate_similarity(gates)
    np.testing.assert_allclose(found[:2, :2], np.corrcoef(gates[:2]), atol=1e-6)
    assert np.isnan(found[2]).all()
    assert np.isnan(found[:, 2]).all()


def test_rank_correlation_by_hand() -> None:
    """ρ = 1 - 6 Σd² / (n (n² - 1)) with d = 0, 1, 1."""
    one, other = np.array([1.0, 2.0, 3.0]), np.array([1.0, 9.0, 4.0])
    assert rank_correlation(one, other) == pytest.approx(0.5)
    assert rank_correlation(one, np.ones(3)) is None
    assert rank_correlation(one, -(one**3)) == pytest.approx(-1)
    assert rank_correlation(one.reshape(3, 1), other) == pytest.approx(0.5)
