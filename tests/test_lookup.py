"""Finding things by name."""

from dataclasses import dataclass

import pytest

from eca_viz.errors import ImageError
from eca_viz.locale.texts import Text, text
from eca_viz.lookup import by_name


@dataclass(frozen=True)
class Thing:
    name: str


THINGS = (Thing("one"), Thing("two"))
SENTENCE = text("no thing is called {name!r}; there are {names}")


def test_the_thing_of_that_name() -> None:
    assert by_name(THINGS, "two", ImageError, SENTENCE) is THINGS[1]


@pytest.mark.parametrize("name", ["three", "", "{names}"])
def test_an_unknown_name_is_answered_with_the_known_ones(name: str) -> None:
    with pytest.raises(ImageError) as caught:
        by_name(THINGS, name, ImageError, SENTENCE)
    assert str(caught.value) == f"no thing is called {name!r}; there are one, two"


def test_the_error_can_be_translated() -> None:
    with pytest.raises(ImageError) as caught:
        by_name(THINGS, "three", ImageError, SENTENCE)
    (said,) = caught.value.args
    assert isinstance(said, Text)
    assert (said.message, dict(said.values)) == (SENTENCE, {"name": "three", "names": "one, two"})
