"""What equal statistics are: counts, histograms, extremes and images exactly, the rest to 1e-10."""

import dataclasses

import numpy as np

from eca_viz.records import FolderStatistics

EXACT = ("count", "low", "high", "histogram", "descriptor_low", "descriptor_high")
NEARLY = ("mean", "sd", "descriptor_mean", "descriptor_sd")


def assert_same(a: FolderStatistics, b: FolderStatistics) -> None:
    """Fails where two statistics of the same images differ."""
    assert dataclasses.replace(a, layers=()) == dataclasses.replace(b, layers=())
    for one, other in zip(a.layers, b.layers, strict=True):
        assert (one.highest, one.lowest) == (other.highest, other.lowest)
        assert list(one.classes) == list(other.classes)
        pairs = [(one.total, other.total)]
        pairs += [(one.classes[name], other.classes[name]) for name in one.classes]
        for mine, theirs in pairs:
            for field in EXACT:
                np.testing.assert_array_equal(getattr(mine, field), getattr(theirs, field))
            for field in NEARLY:
                np.testing.assert_allclose(
                    getattr(mine, field), getattr(theirs, field), rtol=1e-10, atol=1e-14
                )
