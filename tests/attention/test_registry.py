"""The mechanisms that are recognised."""

from eca_viz.attention.registry import MECHANISMS


def test_mechanisms_have_distinct_names() -> None:
    names = [mechanism.name for mechanism in MECHANISMS]
    assert len(set(names)) == len(names)
