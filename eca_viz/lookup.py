"""Finding an entry by its name, with an error that lists the names."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from eca_viz.errors import EcaVizError
from eca_viz.locale.texts import Text, text


class Named(Protocol):
    """An entry of a registry."""

    @property
    def name(self) -> str: ...


T = TypeVar("T", bound=Named)


def by_name(
    entries: Iterable[T], name: str, error: type[EcaVizError], sentence: Text, **values: str
) -> T:
    """The entry called `name`.

    Args:
        entries: What there is.
        name: The name to find.
        error: The type of the error.
        sentence: The error's text, in which {name!r} stands for `name` and {names} for the
            names of all entries.
        **values: What else stands in the sentence.

    Returns:
        The entry.

    Raises:
        EcaVizError: As `error`, where no entry is called `name`.
    """
    known = {entry.name: entry for entry in entries}
    if name not in known:
        raise error(text(sentence.message, name=name, names=", ".join(known), **values))
    return known[name]
