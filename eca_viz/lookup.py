"""Finding an entry by its name, with an error that lists the names."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from eca_viz.errors import EcaVizError


class Named(Protocol):
    """An entry of a registry."""

    @property
    def name(self) -> str: ...


T = TypeVar("T", bound=Named)


def by_name(entries: Iterable[T], name: str, error: type[EcaVizError], sentence: str) -> T:
    """The entry called `name`.

    Args:
        entries: What there is.
        name: The name to find.
        error: The type of the error.
        sentence: The error's text, in which {name!r} stands for `name` and {names} for the
            names of all entries.

    Returns:
        The entry.

    Raises:
        EcaVizError: As `error`, where no entry is called `name`.
    """
    known = {entry.name: entry for entry in entries}
    if name not in known:
        raise error(sentence.format(name=name, names=", ".join(known)))
    return known[name]
