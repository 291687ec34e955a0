"""Records as arrays and JSON text, and back: for files that can run no code."""

import json
from collections.abc import Callable
from typing import Any, TypeVar, get_origin

import cattrs
import numpy as np
from cattrs.errors import BaseValidationError, StructureHandlerNotFoundError

T = TypeVar("T")
# A type, with what its values become or are made from.
Hooks = dict[type, Callable[[Any], Any]]

# What a text that is damaged, or of another type, may raise.
DAMAGED = (BaseValidationError, StructureHandlerNotFoundError, LookupError, TypeError, ValueError)


def to_arrays(value: Any, hooks: Hooks | None = None) -> tuple[dict[str, np.ndarray], str]:
    """The arrays in a value of dataclasses by a name, and the rest as JSON with those names.

    Args:
        value: Dataclasses of numbers, texts, arrays and collections of them.
        hooks: What values of some types become in the JSON.

    Returns:
        The arrays, and the text.
    """
    arrays: dict[str, np.ndarray] = {}

    def take(array: np.ndarray) -> str:
        name = str(len(arrays))
        arrays[name] = np.ascontiguousarray(array)
        return name

    converter = _converter()
    converter.register_unstructure_hook_func(_is_array, take)
    for kind, hook in (hooks or {}).items():
        converter.register_unstructure_hook(kind, hook)
    return arrays, json.dumps(converter.unstructure(value), ensure_ascii=False)


def _no_array(name: str) -> np.ndarray:
    raise LookupError(f"no array is called {name}")


def from_arrays(
    kind: type[T],
    text: str,
    array: Callable[[str], np.ndarray] = _no_array,
    hooks: Hooks | None = None,
) -> T:
    """The value that `to_arrays` took apart.

    Args:
        kind: The type of the value.
        text: The JSON.
        array: Gives an array by its name; raises LookupError for one that is not there.
        hooks: How values of some types are made from what stands in the JSON.

    Returns:
        The value.

    Raises:
        Exception: One of DAMAGED, for a text that is damaged or of another type.
    """
    converter = _converter()
    converter.register_structure_hook_func(_is_array, lambda name, _: array(name))
    for given, hook in (hooks or {}).items():
        converter.register_structure_hook(given, _ignoring_type(hook))
    return converter.structure(json.loads(text), kind)


def _ignoring_type(hook: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda value, _: hook(value)


def _converter() -> cattrs.Converter:
    converter = cattrs.Converter()
    converter.register_structure_hook_func(_is_number, lambda value, kind: value)
    return converter


def _is_number(kind: Any) -> bool:
    """Whether a field holds what JSON gives back as it was, though cattrs cannot choose."""
    return kind in {float | str, float | None, int | None}


def _is_array(kind: Any) -> bool:
    return kind is np.ndarray or get_origin(kind) is np.ndarray
