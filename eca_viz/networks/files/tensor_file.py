"""Reads safetensors files into memory of their own.

The library maps the file instead, and a mapped file that is cut short meanwhile ends the process.
Nothing is believed of a header: https://github.com/huggingface/safetensors describes the format.
"""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BufferedIOBase
from typing import Any

import torch
from torch import Tensor

from eca_viz.locale.texts import text
from eca_viz.networks.files.unpickle import LONGEST_KEY, MOST_DIMENSIONS, MOST_TENSORS, RefusedError

MAX_HEADER_BYTES = 8 * 2**20
DTYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}


@dataclass(frozen=True)
class _Entry:
    """A tensor as the header announces it; `start` and `end` are bytes behind the header."""

    key: str
    dtype: torch.dtype
    shape: tuple[int, ...]
    start: int
    end: int


def read_tensors(
    file: BufferedIOBase, size: int, seen: Callable[[Any], None] = lambda data: None
) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The tensors of a safetensors file, and its texts by name.

    Args:
        file: The file, at its beginning.
        size: Its length in bytes.
        seen: Called with each part of the file, as the `update` of a digest.

    Returns:
        The tensors by name, in the file's order, and the metadata.

    Raises:
        RefusedError: Of the kind "header", "layout", "many" or "tensor".
    """
    length = int.from_bytes(_take(file, 8, seen), "little")
    if length > MAX_HEADER_BYTES:
        raise RefusedError("header", f"{length:,}")
    entries, metadata = _header(_take(file, length, seen))
    _check_places(entries, size - 8 - length)
    tensors = {}
    for entry in entries:
        try:
            tensor = torch.empty(entry.shape, dtype=entry.dtype)
        except (RuntimeError, TypeError) as error:  # without elements a shape may be any
            raise RefusedError("tensor", entry.key[:80]) from error
        if tensor.numel():
            _fill(tensor, file, seen)
        tensors[entry.key] = tensor
    return tensors, metadata


def _take(file: BufferedIOBase, count: int, seen: Callable[[Any], None]) -> bytes:
    data = file.read(count)
    if len(data) < count:
        raise RefusedError("layout", text("it ends within its header"))
    seen(data)
    return data


def _fill(tensor: Tensor, file: BufferedIOBase, seen: Callable[[Any], None]) -> None:
    data = tensor.reshape(-1).view(torch.uint8).numpy().data
    left = data
    while left:
        count = file.readinto(left)
        if not count:
            raise RefusedError("layout", text("it ends before its last tensor"))
        left = left[count:]
    seen(data)


def _header(data: bytes) -> tuple[list[_Entry], dict[str, str]]:
    """The announced tensors, sorted by their place in the file, and the metadata."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise RefusedError("layout", text("its header is no JSON object"))
    metadata = found.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(v, str) for v in metadata.values()):
        raise RefusedError("layout", text("its metadata are no texts"))
    if len(found) > MOST_TENSORS:
        raise RefusedError("many", f"{len(found):,}")
    entries = [_entry(key, about) for key, about in found.items()]
    return sorted(entries, key=lambda entry: (entry.start, entry.end)), metadata


def _entry(key: str, about: object) -> _Entry:
    """Raises RefusedError for a tensor that no network has, or that is not described as one."""
    given: Mapping[str, Any] = about if isinstance(about, dict) else {}
    dtype = given.get("dtype")
    shape, place = (_counts(given.get(name)) for name in ("shape", "data_offsets"))
    if not isinstance(dtype, str) or dtype not in DTYPES or shape is None or place is None:
        raise RefusedError("tensor", key[:80])
    if len(shape) > MOST_DIMENSIONS or len(key) > LONGEST_KEY:
        raise RefusedError("tensor", text("{key}, {n} dimensions", key=key[:80], n=len(shape)))
    if len(place) != 2:
        raise RefusedError("tensor", key[:80])
    return _Entry(key, DTYPES[dtype], shape, *place)


def _counts(value: object) -> tuple[int, ...] | None:
    """A list of whole numbers of 0 or more out of JSON, where true is none; None for all else."""
    if isinstance(value, list) and all(type(one) is int and one >= 0 for one in value):
        return tuple(value)
    return None


def _check_places(entries: list[_Entry], size: int) -> None:
    """Raises RefusedError where the tensors are not the rest of the file, without gaps."""
    end = 0
    for entry in entries:
        if entry.start != end or entry.end - end != math.prod(entry.shape) * entry.dtype.itemsize:
            raise RefusedError(
                "layout", text("{key} is not as large as its place", key=entry.key[:80])
            )
        end = entry.end
    if end != size:
        raise RefusedError("layout", text("its tensors are not as large as the file"))
