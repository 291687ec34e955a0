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
from eca_viz.records.need import EVERYWHERE, UNCHANGED, FolderAccuracy
from eca_viz.storage.regular_file import open_file
from eca_viz.storage.scratch import replacing
from eca_viz.storage.serial import DAMAGED, from_arrays

_CONDITIONS, _ABOUT = "conditions", b"eca_viz_accuracy"
MOST_ROWS = 10_000  # a run has a condition for each kind of change and stage, below a hundred


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
    except (*DAMAGED, pa.ArrowException, OSError, AttributeError, RecursionError) as error:
        raise DataError(
            text(
                "{path} holds no accuracies that can be read ({error}); give a Parquet file that "
                "`python -m eca_viz need` or `prune` wrote",
                path=name,
                error=type(error).__name__,
            )
        ) from error


def _check(found: FolderAccuracy) -> None:
    """Raises ValueError for numbers that no run gives."""
    kinds = [one.kind for one in found.conditions]
    counts = [0 <= one.right <= one.images > 0 for one in found.conditions]
    shares = [value for one in found.conditions for value in (one.share, one.low, one.high)]
    known = all(one.where in (EVERYWHERE, *found.stages) for one in found.conditions)
    if kinds[:1] != [UNCHANGED] or not found.measured or not known or not all(counts):
        raise ValueError("no run has these conditions")
    if not all(0 <= value <= 1 for value in shares):
        raise ValueError("a share is out of range")
