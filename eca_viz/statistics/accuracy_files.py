"""Accuracies as Parquet: a row for each condition."""

import dataclasses
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from eca_viz.errors import DataError
from eca_viz.locale.texts import text
from eca_viz.records.need import FolderAccuracy
from eca_viz.storage.scratch import replacing
from eca_viz.storage.serial import DAMAGED, from_arrays

_CONDITIONS, _ABOUT = "conditions", b"eca_viz_accuracy"


def write_accuracy(found: FolderAccuracy, path: Path) -> None:
    """Writes accuracies as a Parquet file with a row for each condition."""
    about = dataclasses.asdict(dataclasses.replace(found, conditions=()))
    rows = pa.Table.from_pylist([dataclasses.asdict(one) for one in found.conditions])
    text = json.dumps(about, ensure_ascii=False)
    with replacing(path) as partial:
        pq.write_table(rows.replace_schema_metadata({_ABOUT: text.encode()}), partial)


def read_accuracy(path: Path) -> FolderAccuracy:
    """Accuracies from a file that `need` or `prune` wrote; raises DataError for another file."""
    try:
        table = pq.read_table(path)
        about = json.loads(table.schema.metadata[_ABOUT])
        whole = json.dumps({**about, _CONDITIONS: table.to_pylist()})
        return from_arrays(FolderAccuracy, whole)
    except (*DAMAGED, pa.ArrowException, OSError) as error:
        raise DataError(
            text(
                "{path} holds no accuracies that can be read ({error}); give a Parquet file that "
                "`python -m eca_viz need` or `prune` wrote",
                path=str(path),
                error=type(error).__name__,
            )
        ) from error
