"""Records are frozen, read-only and picklable."""

import dataclasses
import pickle

import numpy as np
import pytest

from eca_viz.records import Explanation, as_floats


def test_arrays_are_read_only(explained: Explanation) -> None:
    for array in (
        explained.image.pixels,
        explained.seen,
        explained.attention[0].taps,
        explained.saliency[0].values,
    ):
        assert array is not None
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_fields_are_frozen(explained: Explanation) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        explained.predictions = ()  # type: ignore[misc]


def test_an_explanation_survives_pickling(explained: Explanation) -> None:
    again = pickle.loads(pickle.dumps(explained))
    assert again.predictions == explained.predictions
    assert again.network == explained.network
    np.testing.assert_array_equal(again.saliency[0].values, explained.saliency[0].values)


def test_as_floats_copies() -> None:
    source = np.arange(3.0)
    copy = as_floats(source)
    source[:] = 7
    assert copy.dtype == np.float32
    assert copy.tolist() == [0, 1, 2]
