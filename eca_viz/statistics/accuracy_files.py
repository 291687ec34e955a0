"""Accuracies as Parquet: a row for each condition."""

import dataclasses
import io
import json
from pathlib import Path
from typing import BinaryIO

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
    FolderAccuracy,
)
from eca_viz.storage.regular_file import open_file
from eca_viz.storage.scratch import replacing
from eca_viz.storage.serial import DAMAGED, from_arrays

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


def write_accuracy(found: FolderAccuracy, path: Path) -> None:
    """Writes accuracies as a Parquet file with a row for each condition."""
    about = dataclasses.asdict(dataclasses.replace(found, conditions=()))
    rows = pa.Table.from_pylist([dataclasses.asdict(one) for one in found.conditions])
    text = json.dumps(about, ensure_ascii=False)
    with replacing(path) as partial:
        pq.write_table(rows.replace_schema_metadata({_ABOUT: text.encode()}), partial)


def read_accuracy(source: Path | str | bytes) -> FolderAccuracy:
    """Accuracies from a file that `need` or `prune` wrote, or `attention_need` or `pruning`.

    Args:
        source: The file's path, or its bytes.

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
    if isinstance(source, bytes):
        return _read(io.BytesIO(source), text("the file"))
    advice = text("give a file that `python -m eca_viz need` or `prune` wrote")
    with open_file(Path(source), DataError, advice) as file:
        return _read(file, str(source))


def _read(source: BinaryIO, name: str) -> FolderAccuracy:
    try:
        file = pq.ParquetFile(source)
        if file.metadata.num_rows > MOST_ROWS:
            raise ValueError("too many conditions")
        about = json.loads(file.schema_arrow.metadata[_ABOUT])
        whole = json.dumps({**about, _CONDITIONS: file.read().to_pylist()})
        found = from_arrays(FolderAccuracy, whole)
        _check(found)
        return found
    except _DAMAGED as error:
        raise DataError(
            text(
                "{path} holds no accuracies that can be read ({error}); give a Parquet file that "
                "`python -m eca_viz need` or `prune` wrote",
                path=name,
                error=type(error).__name__,
            )
        ) from error


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
