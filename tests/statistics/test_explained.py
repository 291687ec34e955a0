"""Statistics over images that were explained already."""

import dataclasses

import numpy as np
import pytest

from eca_viz.errors import DataError
from eca_viz.statistics.explained import explained_statistics
from tests.factories import layer, side


def test_they_are_those_of_the_explanations() -> None:
    gates = np.array([[0.5, 0.75], [0.25, 0.5], [0.125, 0.875]])
    images = [side([layer("x", list(row))]) for row in gates]
    dog = dataclasses.replace(images[2], predictions=images[2].predictions[1:])
    found = explained_statistics([*images[:2], dog])
    (one,) = found.layers
    np.testing.assert_allclose(one.total.mean, gates.mean(0))
    np.testing.assert_allclose(one.total.sd, gates.std(0))
    assert {name: part.count for name, part in one.classes.items()} == {"cat": 2, "dog": 1}
    assert [image.value for image in one.highest[1]] == [0.875, 0.75, 0.5]
    assert (found.grouped_by, found.images) == ("prediction", 3)


def test_none_and_those_of_several_networks_are_refused() -> None:
    a, b = side([layer("x", [0.5])]), side([layer("x", [0.5])], sha256="1" * 64)
    for given in ([], [a, b]):
        with pytest.raises(DataError, match="explanations of one network"):
            explained_statistics(given)
