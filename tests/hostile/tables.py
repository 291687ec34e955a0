"""Parquet files that are damaged, misleading or small and stand for gigabytes."""

import json
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import eca_viz
from eca_viz.paths import STATISTICS
from eca_viz.storage.copy_table import MOST_TEXT
from eca_viz.ui.many_images import MOST_ROWS
from tests.hostile.measured import Case

MOST = 600
DAMAGED = 20
OF_GATES = STATISTICS / "folder_resnet_tiny_eca.parquet"
OF_NEED = STATISTICS / "need_resnet_tiny_eca.parquet"


def _write(table: pa.Table, path: Path) -> None:
    """Without Arrow's own schema, so that what is in a dictionary is read as text."""
    pq.write_table(table, path, store_schema=False, compression="zstd")


def _changed(source: Path, column: str, values: pa.Array) -> pa.Table:
    """Rows of a shipped file, as many as there are values, with these in one column."""
    whole = pq.read_table(source)
    table = whole.take(pa.array(np.zeros(len(values), np.int64)))
    return table.set_column(whole.column_names.index(column), column, values)


def _same(length: int, rows: int) -> pa.Array:
    """A text that is written once, and meant by each row."""
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int32)), ["x" * length])


def one_text_in_each_row(path: Path) -> None:
    """4 GB in a few kB."""
    _write(_changed(OF_NEED, "kind", _same(4_000_000, 1000)), path)


def one_class_in_each_row(path: Path) -> None:
    """4 GB."""
    _write(_changed(OF_GATES, "class", _same(200_000, 20_000)), path)


def a_long_text(path: Path) -> None:
    _write(_changed(OF_NEED, "kind", pa.array(["x" * 30_000_000])), path)


def many_images(path: Path) -> None:
    """A million images in the list of one channel."""
    kind = pq.read_schema(OF_GATES).field("highest").type
    count = 1_000_000
    nothing = pa.nulls(count, pa.string())
    images = pa.StructArray.from_arrays(
        [nothing, nothing, pa.nulls(count, pa.float32())], fields=list(kind.value_type)
    )
    pq.write_table(
        _changed(OF_GATES, "highest", pa.ListArray.from_arrays([0, count], images).cast(kind)), path
    )


def long_metadata(path: Path) -> None:
    table = pq.read_table(OF_GATES)
    about = {b"eca_viz": json.dumps([[]] * (MOST_TEXT // 4)).encode() + b" "}
    pq.write_table(table.replace_schema_metadata(about), path)


def deep_metadata(path: Path) -> None:
    table = pq.read_table(OF_GATES)
    pq.write_table(table.replace_schema_metadata({b"eca_viz": b"[" * 1_000_000}), path)


def many_columns(path: Path) -> None:
    pq.write_table(pa.table({f"c{number}": [0] for number in range(5000)}), path)


def a_dictionary(path: Path) -> None:
    """With Arrow's schema, by which the text is read as a dictionary."""
    pq.write_table(_changed(OF_NEED, "kind", _same(1000, 1000)), path)


def no_text(path: Path) -> None:
    table = pq.read_table(OF_NEED)
    kinds = pa.array([b"\xff\xfe"] * len(table)).view(pa.string())
    pq.write_table(table.set_column(0, "kind", kinds), path)


def many_rows(path: Path) -> None:
    about = {b"eca_viz": b'{"version": 1}'}
    table = pa.table({"n": np.zeros(MOST_ROWS + 1, np.int8)}).replace_schema_metadata(about)
    pq.write_table(table, path)


LARGE, NOTHING = "more memory or time", "that can be read"
OF_A_RUN: tuple[tuple[Callable[[Path], None], str], ...] = (
    (one_class_in_each_row, LARGE),
    (many_images, NOTHING),
    (long_metadata, LARGE),
    (deep_metadata, NOTHING),
    (many_columns, "without statistics"),
    (many_rows, "1,000,001 rows and at most 1,000,000"),
)
OF_ACCURACIES: tuple[tuple[Callable[[Path], None], str], ...] = (
    (one_text_in_each_row, LARGE),
    (a_long_text, LARGE),
    (a_dictionary, NOTHING),
    (no_text, NOTHING),
    (many_columns, NOTHING),
)


def cases(full: bool) -> Iterator[Case]:
    """Shipped files, the files made by hand, and damaged copies, where `full` ten times as many."""
    yield from made_by_hand()
    for source, read, _ in KINDS:
        random = np.random.default_rng(0)
        for number in range(10 * DAMAGED if full else DAMAGED):
            data = flipped(source.read_bytes(), random)
            yield Case(f"{source.stem}, damaged {number}", partial(read, data))


def made_by_hand() -> Iterator[Case]:
    """Shipped files, and the files made by hand."""
    for source, read, made in KINDS:
        yield Case(source.stem, partial(read, source.read_bytes()), "^$")
        with tempfile.TemporaryDirectory() as folder:
            for make, words in made:
                path = Path(folder) / f"{make.__name__}.parquet"
                make(path)
                yield Case(f"{source.stem}, {path.stem}", partial(read, path.read_bytes()), words)


def flipped(data: bytes, random: np.random.Generator) -> bytes:
    """A copy with three other bytes; it is as long, since the metadata is found from the end."""
    copy = bytearray(data)
    for place in random.integers(len(data), size=3):
        copy[place] ^= int(random.integers(1, 256))
    return bytes(copy)


def read_statistics(data: bytes) -> str:
    """Reads an uploaded file of statistics."""
    eca_viz.read_statistics(data, MOST_ROWS)
    return ""


def read_accuracy(data: bytes) -> str:
    """Reads an uploaded file of accuracies."""
    eca_viz.read_accuracy(data)
    return ""


KINDS = ((OF_GATES, read_statistics, OF_A_RUN), (OF_NEED, read_accuracy, OF_ACCURACIES))
