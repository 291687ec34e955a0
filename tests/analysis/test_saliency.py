"""Limits of saliency maps, and the scorecard as tables."""

import dataclasses

import numpy as np
import pytest

from eca_viz.analysis.saliency import SCORE_COLUMNS, curve_table, saliency_limits, score_table
from eca_viz.records import as_floats
from tests.factories import make_map, make_scorecard


def test_saliency_limits() -> None:
    maps = [make_map([[0, 1]], True), make_map([[0, -4]], True), make_map([[0, 2]], False)]
    assert saliency_limits(maps, shared=False) == pytest.approx([0.995, 3.98, 1.99])
    assert saliency_limits(maps, shared=True) == pytest.approx([3.98, 3.98, 1.99])


def test_a_map_of_zeros_still_has_a_scale() -> None:
    assert saliency_limits([make_map([[0, 0]], True)], shared=True) == [1.0]
    lonely = make_map(np.eye(40).tolist(), False)
    single = dataclasses.replace(lonely, values=as_floats(np.diag([1.0] + [0.0] * 39)))
    assert saliency_limits([single], shared=False) == [1.0]


def test_no_maps_no_limits() -> None:
    assert saliency_limits([], shared=True) == []


def test_scores_as_tables() -> None:
    card = make_scorecard(2)
    table = score_table(card.scores)
    assert table.columns.tolist() == ["method", *SCORE_COLUMNS]
    assert table["method"].tolist() == ["Method 0", "Method 1", "Method 2"]
    assert table.iloc[0].tolist() == ["Method 0", 0.25, 0.5, 0.75, 0.1, -0.1]
    assert table.iloc[2, -2:].isna().all()
    curves = curve_table(card)
    assert len(curves) == 3 * len(card.shares)
    second = curves[curves["method"] == "Method 1"]
    np.testing.assert_array_equal(second["probability, deleted"], card.scores[1].deletion)
    np.testing.assert_array_equal(second["probability, inserted"], card.scores[1].insertion)
    np.testing.assert_array_equal(second["share of the pixels"], card.shares)


def test_each_score_says_how_to_read_it() -> None:
    assert all(reading.endswith(".") for reading in SCORE_COLUMNS.values())
