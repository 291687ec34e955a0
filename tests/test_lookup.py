"""Finding things by name."""

from dataclasses import dataclass

import pytest

from eca_viz.errors import ImageError
from eca_viz.lookup import by_name


@dataclass(frozen=True)
class Thing:
    name: str


THINGS = (Thing("one"), Thing("two"))


def test_the_thing_of_that_name() -> None:
    assert by_name(THINGS, "two", ImageError, "") is THINGS[1]


@pytest.mark.parametrize("name", ["three", "", "{names}"])
def test_an_unknown_name_is_answered_with_the_known_ones(name: str) -> None:
    with pytest.raises(ImageError) as caught:
        by_name(THINGS, name, ImageError, "no thing is called {name!r}; there are {names}")
    assert str(caught.value) == f"no thing is called {name!r}; there are one, two"
