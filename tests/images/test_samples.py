"""Samples are there, are credited, and take no import to find."""

import subprocess
import sys

import pytest

from eca_viz.errors import ImageError
from eca_viz.images.samples import SAMPLES, Sample, find_sample


def test_at_least_six_with_distinct_names() -> None:
    assert len({sample.name for sample in SAMPLES}) == len(SAMPLES) >= 6
    assert SAMPLES[0].name == "china"


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_can_be_read_and_is_credited(sample: Sample) -> None:
    assert min(sample.read().pixels.shape[:2]) >= 160
    assert sample.credit
    assert sample.licence


def test_reading_one_imports_neither_package() -> None:
    code = (
        "import sys; from eca_viz.images.samples import SAMPLES; [s.read() for s in SAMPLES];"
        "assert not {'sklearn', 'skimage', 'torch'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_an_unknown_sample_is_answered_with_the_valid_ones() -> None:
    with pytest.raises(ImageError, match="'x'; the samples are: china"):
        find_sample("x")


def test_a_missing_package_is_named() -> None:
    missing = Sample("a", "A", "no_such_package_here", "a.png", "nobody", "CC0")
    with pytest.raises(ImageError, match="pip install"):
        missing.read()
