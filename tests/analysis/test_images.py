"""Images as a table, and the gate that stands out in each."""

import dataclasses

import numpy as np
import pytest

from eca_viz.analysis.images import furthest, images_table
from eca_viz.records import ReferenceGates
from tests.factories import layer, side

REFERENCE = ReferenceGates(
    "a test",
    2,
    {"x": np.array([0.5, 0.5], np.float32), "y": np.array([0.25], np.float32)},
)


def test_what_stands_out_is_furthest_from_its_mean_gate() -> None:
    above = side([layer("x", [0.5, 0.75]), layer("y", [0.2])])
    below = side([layer("x", [0.5, 0.6]), layer("y", [0.05])])
    assert furthest(above, REFERENCE) == "x channel 1: ω 0.75, mean 0.50"
    assert furthest(below, REFERENCE) == "y channel 0: ω 0.05, mean 0.25"


def test_a_row_has_the_images_numbers() -> None:
    one = dataclasses.replace(side([layer("x", [0.5, 0.75]), layer("y", [0.2])]), familiarity=0.3)
    row = images_table([one, one], REFERENCE).iloc[1]
    assert row["prediction"] == "cat"
    assert (row["probability"], row["familiarity"]) == (0.7, 0.3)
    assert row["mean_gate.x"] == pytest.approx(0.625)
    assert row["sha256"] == "1" * 64
