"""Accuracies as Parquet: a row for each condition."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import get_type_hints

import pyarrow as pa
import pyarrow.parquet as pq

from eca_viz.errors import DataError
from eca_viz.locale.texts import text
from eca_viz.records.base import EVERYWHERE
from eca_viz.records.need import (
    AT_RANDOM,
    BY_EFFECT,
    BY_GATE,
    KINDS,
    UNCHANGED,
    ConditionResult,
    FolderAccuracy,
)
from eca_viz.storage.copy_table import RefusedError
from eca_viz.storage.scratch import replacing
from eca_viz.storage.serial import DAMAGED, from_arrays
from eca_viz.storage.untrusted_table import opened, read_table, reason

_CONDITIONS, _ABOUT = "conditions", b"eca_viz_accuracy"
MOST_ROWS = 1000  # a run has a condition for each kind of change and stage, below a hundred
_DAMAGED = (
    *DAMAGED,
    pa.ArrowException,
    OSError,
    AttributeError,
    RecursionError,
    OverflowError,
)
_KINDS = {UNCHANGED, *KINDS, BY_GATE, BY_EFFECT}
_TYPES = {str: pa.string(), int: pa.int64(), float: pa.float64()}
_SCHEMA = pa.schema([(one, _TYPES[kind]) for one, kind in get_type_hints(ConditionResult).items()])


def write_accuracy(found: FolderAccuracy, path: Path) -> None:
    """Writes accuracies as a Parquet file with a row for each condition."""
    about = dataclasses.asdict(dataclasses.replace(found, conditions=()))
    rows = pa.Table.from_pylist([dataclasses.asdict(one) for one in found.conditions], _SCHEMA)
    text = json.dumps(about, ensure_ascii=False)
    with replacing(path) as partial:
        pq.write_table(rows.replace_schema_metadata({_ABOUT: text.encode()}), partial)


def read_accuracy(
    source: Path | str | bytes, waiting: Callable[[], None] | None = None
) -> FolderAccuracy:
    """Accuracies from a file that `need` or `prune` wrote, or `attention_need` or `pruning`.

    The table is read in a process of its own, whose memory and time are limited.

    Args:
        source: The file's path, or its bytes.
        waiting: Called while the table is read; what it raises ends that.

    Returns:
        The accuracies.

    Raises:
        DataError: It is no such file, or damaged.

    >>> file = folder.parent / "need.parquet"
    >>> tiny = eca_viz.load_network("resnet_tiny_eca")
    >>> written = eca_viz.attention_need(folder, tiny, out=file)
    >>> eca_viz.read_accuracy(file).unchanged.images
    4
    """
    advice = text("give a file that `python -m eca_viz need` or `prune` wrote")
    with opened(source, advice) as (file, name):
        try:
            table = read_table(file, MOST_ROWS, waiting)
        except RefusedError as refused:
            raise _damaged(name, reason(refused)) from refused
    return from_table(table, name)


def from_table(table: pa.Table, name: str) -> FolderAccuracy:
    """Accuracies from the table in such a file.

    Args:
        table: With the metadata of its schema.
        name: Of the file, for the error.

    Returns:
        The accuracies.

    Raises:
        DataError: It is no such table, or damaged.
    """
    try:
        about = json.loads(table.schema.metadata[_ABOUT])
        if not table.schema.equals(_SCHEMA):
            raise ValueError("other columns")
        whole = json.dumps({**about, _CONDITIONS: table.to_pylist()})
        found = from_arrays(FolderAccuracy, whole)
        _check(found)
        return found
    except _DAMAGED as error:
        raise _damaged(name, type(error).__name__) from error


def _damaged(name: str, error: str) -> DataError:
    return DataError(
        text(
            "{path} holds no accuracies that can be read ({error}); give a Parquet file that "
            "`python -m eca_viz need` or `prune` wrote",
            path=name,
            error=error,
        )
    )


def _check(found: FolderAccuracy) -> None:
    """Raises ValueError for what no run gives."""
    places = {EVERYWHERE, *found.stages}
    for one in found.conditions:
        shares = (one.share, one.low, one.high, one.p_value)
        counts = (one.right, one.lost, one.won)
        random, seed = one.kind.startswith(f"{AT_RANDOM} "), one.kind[len(AT_RANDOM) + 1 :]
        if not (
            one.where in places
            and (one.kind in _KINDS or (random and seed.isdecimal() and len(seed) < 3))
            and 0 < one.images < 2**53
            and all(0 <= count <= one.images for count in counts)
            and all(0 <= share <= 1 for share in shares)
            and one.log_probability <= 0
        ):
            raise ValueError("no run has this condition")
    if found.conditions[0].kind != UNCHANGED or not found.measured:
        raise ValueError("no run has these conditions")
