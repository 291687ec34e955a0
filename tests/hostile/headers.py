"""Safetensors files whose headers are damaged, misleading or made to do harm."""

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any


def _safetensors(
    path: Path, header: dict[str, Any], data: bytes, length: int | None = None
) -> None:
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", length or len(text)) + text + data)


def lying_header(path: Path) -> None:
    header = {"fc.weight": {"dtype": "F32", "shape": [10**6, 10**6], "data_offsets": [0, 16]}}
    _safetensors(path, header, bytes(16))


def endless_header(path: Path) -> None:
    _safetensors(path, {}, bytes(64), length=2**40)


def deep_header(path: Path) -> None:
    text = b'{"__metadata__":{"eca_viz":"' + b"[" * 100_000 + b'"}}'
    path.write_bytes(struct.pack("<Q", len(text)) + text)


def _announced(path: Path, key: str = "fc.weight", **about: Any) -> None:
    """A tensor of 16 bytes, with parts of its description changed."""
    header = {key: {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]} | about}
    _safetensors(path, header, bytes(16))


def listed_dtype(path: Path) -> None:
    _announced(path, dtype=["F32"])


def shape_in_words(path: Path) -> None:
    _announced(path, shape=["2", "2"])


def shape_of_truth(path: Path) -> None:
    _announced(path, shape=[True, 4])


def negative_shape(path: Path) -> None:
    _announced(path, shape=[-2, -2])


def huge_shape(path: Path) -> None:
    header = {"fc.weight": {"dtype": "F32", "shape": [10**4000, 0], "data_offsets": [0, 0]}}
    _safetensors(path, header, b"")


def broken_offsets(path: Path) -> None:
    _announced(path, data_offsets=[0.0, 16.0])


def three_offsets(path: Path) -> None:
    _announced(path, data_offsets=[0, 16, 16])


def huge_offsets(path: Path) -> None:
    _announced(path, data_offsets=[0, 10**4000])


def gap(path: Path) -> None:
    _announced(path, shape=[2], data_offsets=[8, 16])


def unlisted_bytes(path: Path) -> None:
    _announced(path, shape=[2], data_offsets=[0, 8])


def no_description(path: Path) -> None:
    _safetensors(path, {"fc.weight": 3}, b"")


def numbers_as_metadata(path: Path) -> None:
    _safetensors(path, {"__metadata__": {"a": 1}}, b"")


def latin_header(path: Path) -> None:
    text = '{"größe": 1}'.encode("latin-1")
    path.write_bytes(struct.pack("<Q", len(text)) + text)


def endless_number(path: Path) -> None:
    text = b'{"a":' + b"9" * 100_000 + b"}"
    path.write_bytes(struct.pack("<Q", len(text)) + text)


def escape_in_key(path: Path) -> None:
    """The terminal's title, a line of its own, a half of a surrogate pair, text from the right."""
    _announced(path, "a\x1b]0;owned\x07\n\x9b31m\ud800\u202eb", dtype="F4")


def many_dimensions(path: Path) -> None:
    header = {"fc.weight": {"dtype": "F32", "shape": [1] * 100_000, "data_offsets": [0, 4]}}
    _safetensors(path, header, bytes(4))


def empty_header(path: Path) -> None:
    _safetensors(path, {"__metadata__": {"a": "b"}}, b"")


def repeated_prefix(path: Path) -> None:
    header = {"module." * 1200 + "x": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}
    _safetensors(path, header, bytes(4))


def four_bits(path: Path) -> None:
    header = {"fc.weight": {"dtype": "F4", "shape": [2], "data_offsets": [0, 1]}}
    _safetensors(path, header, bytes(1))


Make = Callable[[Path], None]

NO_TENSOR = r"holds a tensor of a kind that no network here has \(fc.weight\)"
LIES = "is damaged or not what its header says"
NO_JSON = LIES + r" \(its header is no JSON object\)"

# Each with a part of the sentence that it must get.
HEADERS: tuple[tuple[Make, str], ...] = (
    (lying_header, "is damaged or not what its header says"),
    (endless_header, "announces a header of 1,099,511,627,776 bytes"),
    (many_dimensions, "a tensor of a kind that no network here has .*100000 dimensions"),
    (empty_header, "holds no tensors by name but: nothing"),
    (repeated_prefix, "a tensor of a kind that no network here has"),
    (four_bits, "a tensor of a kind that no network here has"),
    *((make, NO_TENSOR) for make in (listed_dtype, shape_in_words, shape_of_truth, negative_shape)),
    *((make, NO_TENSOR) for make in (huge_shape, broken_offsets, three_offsets, no_description)),
    *((make, LIES) for make in (huge_offsets, gap, unlisted_bytes, numbers_as_metadata)),
    (deep_header, LIES + r" \(its metadata eca_viz are no JSON\)"),
    *((make, NO_JSON) for make in (latin_header, endless_number)),
    (escape_in_key, r"\(a\\x1b\]0;owned\\x07 \\x9b31m\\ud800\\u202eb\)"),
)
