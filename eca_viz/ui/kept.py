"""What is computed is kept for all visits, up to a number of bytes; the oldest is given up first.

Unlike st.cache_resource this takes arguments that Streamlit cannot hash, and counts bytes.
"""

import sys
import threading
from collections.abc import Callable, Hashable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass
from functools import wraps
from typing import Any, Generic, ParamSpec, TypeVar

import numpy as np
from cachetools import LRUCache, cached

from eca_viz.records import ImageInput
from eca_viz.ui.limits import limits
from eca_viz.ui.turns import PAGES

P = ParamSpec("P")
T = TypeVar("T")


def size(value: object) -> int:
    """About how many bytes a result takes, with all that it holds.

    The image that other results hold too counts where it is the result itself.
    """
    if isinstance(value, np.ndarray):
        return value.nbytes
    parts: Iterable[object] = ()
    if is_dataclass(value):
        parts = (getattr(value, field.name) for field in fields(value))
    elif isinstance(value, Mapping):
        parts = value.values()
    elif isinstance(value, tuple | list):
        parts = value
    return sys.getsizeof(value) + sum(
        size(part) for part in parts if not isinstance(part, ImageInput)
    )


@dataclass(frozen=True)
class _Entry(Generic[T]):
    """A result with its size, which is counted before the store is locked."""

    value: T
    size: int


def store(megabytes: int) -> "LRUCache[Hashable, _Entry[Any]]":
    """An empty store of so many megabytes."""
    return LRUCache(megabytes * 2**20, getsizeof=lambda entry: entry.size)


class _Waiting(threading.Condition):
    """One that a thread waits for without its turn, which the thread that computes may wish for."""

    def wait(self, timeout: float | None = None) -> bool:
        with PAGES.released():
            return super().wait(timeout)


_store = store(limits().result_megabytes)
_lock = _Waiting()


def kept(key: Callable[..., Hashable]) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Keeps the results of a function, by the key of its arguments.

    Threads that ask for the same at the same time get one result, computed once.
    """

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        name = f"{function.__module__}.{function.__qualname__}"

        def of_function(*args: P.args, **kwargs: P.kwargs) -> Hashable:
            return name, key(*args, **kwargs)

        @cached(_store, key=of_function, condition=_lock)
        def entry(*args: P.args, **kwargs: P.kwargs) -> _Entry[T]:
            value = function(*args, **kwargs)
            return _Entry(value, size(value))

        @wraps(function)
        def of_store(*args: P.args, **kwargs: P.kwargs) -> T:
            found: _Entry[T] = entry(*args, **kwargs)
            return found.value

        of_store.cache_key = of_function  # type: ignore[attr-defined]
        return of_store

    return decorate


def keep(function: Callable[P, T], value: T, *args: P.args, **kwargs: P.kwargs) -> None:
    """Keeps, for a function's arguments, a result that came of other work."""
    entry = _Entry(value, size(value))
    with _lock, suppress(ValueError):  # more than all that may be kept
        _store[_key(function, *args, **kwargs)] = entry


def is_kept(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> bool:
    """Whether a function's result for these arguments is kept."""
    with _lock:
        return _key(function, *args, **kwargs) in _store


def _key(function: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> Hashable:
    key: Hashable = function.cache_key(*args, **kwargs)  # type: ignore[attr-defined]
    return key
