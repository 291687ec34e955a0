"""What is computed is kept for all visits, up to a number of bytes; the oldest is given up first.

Unlike st.cache_resource this takes arguments that Streamlit cannot hash, and counts bytes.
"""

import sys
import threading
from collections.abc import Callable, Collection, Hashable, Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from typing import Any, ParamSpec, TypeVar

import numpy as np
from cachetools import LRUCache, cached

from eca_viz.ui.limits import limits

P = ParamSpec("P")
T = TypeVar("T")


def size(value: object) -> int:
    """About how many bytes a result takes, with all that it holds."""
    if isinstance(value, np.ndarray):
        return value.nbytes
    parts: Collection[object] = ()
    if is_dataclass(value):
        parts = [getattr(value, field.name) for field in fields(value)]
    elif isinstance(value, Mapping):
        parts = value.values()
    elif isinstance(value, tuple | list):
        parts = value
    return sys.getsizeof(value) + sum(map(size, parts))


_store: LRUCache[Hashable, Any] = LRUCache(limits().result_megabytes * 2**20, getsizeof=size)
_lock = threading.Condition()


def kept(key: Callable[..., Hashable]) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Keeps the results of a function, by the key of its arguments.

    Threads that ask for the same at the same time get one result, computed once.
    """

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        name = f"{function.__module__}.{function.__qualname__}"

        def of_function(*args: P.args, **kwargs: P.kwargs) -> Hashable:
            return name, key(*args, **kwargs)

        return cached(_store, key=of_function, condition=_lock)(function)

    return decorate


def keep(function: Callable[P, T], value: T, *args: P.args, **kwargs: P.kwargs) -> None:
    """Keeps what a function would give for these arguments, and what came of other work."""
    with _lock, suppress(ValueError):  # more than all that may be kept
        _store[_key(function, *args, **kwargs)] = value


def is_kept(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> bool:
    """Whether a function's result for these arguments is kept."""
    with _lock:
        return _key(function, *args, **kwargs) in _store


def _key(function: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> Hashable:
    key: Hashable = function.cache_key(*args, **kwargs)  # type: ignore[attr-defined]
    return key
