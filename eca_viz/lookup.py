"""Finding one of several things by its name, with a sentence that lists the names."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from eca_viz.errors import EcaVizError


class Named(Protocol):
    """Anything that has a name."""

    @property
    def name(self) -> str: ...


T = TypeVar("T", bound=Named)


def by_name(entries: Iterable[T], name: str, error: type[EcaVizError], sentence: str) -> T:
    """The entry called `name`.

    Without one, raises `error` with `sentence`, in which {name!r} and {names} are what was
    asked for and what there is.
    """
    known = {entry.name: entry for entry in entries}
    if name not in known:
        raise error(sentence.format(name=name, names=", ".join(known)))
    return known[name]
