"""Statistics as Parquet: a row for each layer, channel and class, and a table of the images."""

import dataclasses
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from eca_viz.errors import DataError
from eca_viz.locale.texts import text
from eca_viz.records import as_floats
from eca_viz.records.statistics import (
    BINS,
    EffectStatistics,
    FolderStatistics,
    GateDistribution,
    LayerStatistics,
    RankedImage,
)
from eca_viz.statistics.moments import RANKED
from eca_viz.storage.copy_table import ROWS, RefusedError
from eca_viz.storage.scratch import replacing
from eca_viz.storage.serial import DAMAGED, from_arrays
from eca_viz.storage.untrusted_table import opened, read_table, reason

# In the file's metadata: all that is not a row, as JSON.
ABOUT = b"eca_viz"
VERSION = 1
MOST_ROWS = 50_000_000
_IMAGES = pa.list_(
    pa.struct([("path", pa.string()), ("sha256", pa.string()), ("value", pa.float32())])
)
# The columns of a distribution, by the fields of GateDistribution.
_NUMBERS = {
    "mean": "mean",
    "sd": "sd",
    "min": "low",
    "max": "high",
    "descriptor_mean": "descriptor_mean",
    "descriptor_sd": "descriptor_sd",
    "descriptor_min": "descriptor_low",
    "descriptor_max": "descriptor_high",
}
_SINGLE = {"min", "max", "descriptor_min", "descriptor_max"}
_EFFECTS = ("mean", "sd", "magnitude")
SCHEMA = pa.schema(
    [
        ("layer", pa.string()),
        ("stage", pa.string()),
        ("channel", pa.int32()),
        ("class", pa.string()),  # null: all images together
        ("n", pa.int64()),
        *((name, pa.float32() if name in _SINGLE else pa.float64()) for name in _NUMBERS),
        ("histogram", pa.list_(pa.int64(), BINS)),
        ("highest", _IMAGES),  # these where class is null
        ("lowest", _IMAGES),
        *((f"effect_{name}", pa.float64()) for name in _EFFECTS),
        ("effect_highest", _IMAGES),
        ("effect_lowest", _IMAGES),
    ]
)
# What reading a damaged file, or one of another kind, may raise.
_DAMAGED = (*DAMAGED, pa.ArrowException, OSError, AttributeError, RecursionError, OverflowError)


def images_file(path: Path) -> Path:
    """Where the table of the images lies beside a file of statistics."""
    return path.with_suffix(f".images{path.suffix}")


def write_images(parts: Sequence[Path], path: Path) -> None:
    """Writes the table of the images from those of chunks, which are never in memory together.

    Args:
        parts: Parquet files with the same columns.
        path: Of the table.
    """
    schema = pa.unify_schemas(
        [pq.read_schema(part) for part in parts], promote_options="permissive"
    ).remove_metadata()
    with (
        replacing(path) as partial,
        pq.ParquetWriter(partial, schema, compression="zstd") as writer,
    ):
        for part in parts:
            writer.write_table(pq.read_table(part).cast(schema))


def write(statistics: FolderStatistics, path: Path) -> None:
    """Writes statistics as a Parquet file; it replaces an earlier one once it is complete."""
    with (
        replacing(path) as partial,
        pq.ParquetWriter(partial, _schema(statistics), compression="zstd") as writer,
    ):
        for layer in statistics.layers:
            writer.write_table(
                pa.concat_tables([*_tables(layer)]).replace_schema_metadata(writer.schema.metadata)
            )


def _schema(statistics: FolderStatistics) -> pa.Schema:
    about = dataclasses.asdict(dataclasses.replace(statistics, layers=()))
    about["layers"] = [
        {
            "layer": layer.layer,
            "mechanism": layer.mechanism,
            "kernel_size": layer.kernel_size,
            "effective_rank": layer.effective_rank,
        }
        for layer in statistics.layers
    ]
    text = json.dumps({"version": VERSION, **about}, ensure_ascii=False)
    return SCHEMA.with_metadata({ABOUT: text.encode()})


def _tables(layer: LayerStatistics) -> Iterator[pa.Table]:
    yield _table(layer, None, layer.total)
    for name, distribution in layer.classes.items():
        yield _table(layer, name, distribution)


def _table(layer: LayerStatistics, name: str | None, found: GateDistribution) -> pa.Table:
    count = layer.channels
    ranked: dict[str, Any] = {"highest": layer.highest, "lowest": layer.lowest}
    effects: dict[str, Any] = {}
    if layer.effects is not None:
        effects = {f"effect_{one}": getattr(layer.effects, one) for one in _EFFECTS}
        ranked["effect_highest"] = layer.effects.highest
        ranked["effect_lowest"] = layer.effects.lowest
    columns: dict[str, Any] = {
        "layer": [layer.layer] * count,
        "stage": [layer.stage] * count,
        "channel": np.arange(count),
        "class": [name] * count,
        "n": np.full(count, found.count),
        **{column: getattr(found, field) for column, field in _NUMBERS.items()},
        "histogram": list(found.histogram.astype(np.int64)),
    }
    if name is None:
        listed = {
            key: [[vars(one) for one in images] for images in all_] for key, all_ in ranked.items()
        }
        columns |= {**listed, **effects}
    nothing = [None] * count
    return pa.table({key: columns.get(key, nothing) for key in SCHEMA.names}, schema=SCHEMA)


def read_statistics(
    source: Path | str | bytes,
    most_rows: int = MOST_ROWS,
    waiting: Callable[[], None] | None = None,
) -> FolderStatistics:
    """Statistics from the file that the command `statistics` or `folder_statistics` wrote.

    The table is read in a process of its own, whose memory and time are limited.

    Args:
        source: The file's path, or its bytes.
        most_rows: How many rows are read, one for each layer, channel and class.
        waiting: Called while the table is read; what it raises ends that.

    Returns:
        The statistics.

    Raises:
        DataError: It is no such file, or damaged.

    >>> file = folder.parent / "s.parquet"
    >>> written = eca_viz.folder_statistics(folder, "resnet_tiny_eca", out=file)
    >>> eca_viz.read_statistics(file).images
    4
    """
    advice = text("give a file that `python -m eca_viz statistics` wrote")
    with opened(source, advice) as (file, name):
        try:
            table = read_table(file, most_rows, waiting)
        except RefusedError as refused:
            if refused.kind != ROWS:
                raise _damaged(name, reason(refused)) from refused
            raise DataError(
                text(
                    "{file} has {rows:,} rows and at most {most:,} are accepted here; start the "
                    "app with it: python -m eca_viz app --statistics FILE",
                    file=name,
                    rows=int(refused.detail),
                    most=most_rows,
                )
            ) from refused
    return from_table(table, name)


def from_table(table: pa.Table, name: str) -> FolderStatistics:
    """Statistics from the table in such a file.

    Args:
        table: With the metadata of its schema.
        name: Of the file, for the error.

    Returns:
        The statistics.

    Raises:
        DataError: It is no such table, or damaged.
    """
    try:
        metadata = table.schema.metadata or {}
        if ABOUT not in metadata:
            raise DataError(
                text(
                    "{file} is a Parquet file without statistics; give one that "
                    "`python -m eca_viz statistics` wrote",
                    file=name,
                )
            )
        about = json.loads(metadata[ABOUT])
        if about["version"] != VERSION:
            raise DataError(
                text(
                    "{file} was written in version {written} of the format and this one reads "
                    "version {read}; compute the statistics again",
                    file=name,
                    written=str(about["version"]),
                    read=VERSION,
                )
            )
        _check(table)
        frame = table.to_pandas()
        layers = dict(iter(frame.groupby("layer", sort=False)))
        described = about.pop("layers")
        found = [_layer(one, layers[one["layer"]]) for one in described]
        bare = from_arrays(FolderStatistics, json.dumps({**about, "layers": []}))
        if not found or not isinstance(bare.accuracy, float | None):
            raise ValueError("no layers, or an accuracy that is no number")
        return dataclasses.replace(bare, layers=tuple(found))
    except _DAMAGED as error:
        raise _damaged(name, type(error).__name__) from error


def _damaged(name: str, error: str) -> DataError:
    return DataError(
        text(
            "{file} holds no statistics that can be read ({error}); give a Parquet file that "
            "`python -m eca_viz statistics` wrote",
            file=name,
            error=error,
        )
    )


def _check(table: pa.Table) -> None:
    """Raises ValueError for columns that no run gives, and for lists that are longer."""
    if not table.schema.equals(SCHEMA):
        raise ValueError("other columns")
    lists = [table[field.name] for field in SCHEMA if field.type == _IMAGES]
    if any((pc.max(pc.list_value_length(one)).as_py() or 0) > RANKED for one in lists):
        raise ValueError("too many images")


def _layer(about: dict[str, Any], rows: pd.DataFrame) -> LayerStatistics:
    total = rows[rows["class"].isna()].sort_values("channel")
    if total["channel"].tolist() != list(range(len(total))) or total["mean"].isna().any():
        raise ValueError("channels are missing")
    classes = rows[rows["class"].notna()].groupby("class")
    return LayerStatistics(
        layer=str(about["layer"]),
        stage=str(total["stage"].iloc[0]),
        mechanism=str(about["mechanism"]),
        channels=len(total),
        kernel_size=about["kernel_size"],
        total=_distribution(total),
        classes={str(name): _distribution(one.sort_values("channel")) for name, one in classes},
        highest=_ranked(total["highest"]),
        lowest=_ranked(total["lowest"]),
        effective_rank=float(about["effective_rank"]),
        effects=_effects(total),
    )


def _distribution(rows: pd.DataFrame) -> GateDistribution:
    numbers: dict[str, Any] = {
        field: as_floats(rows[column].to_numpy())
        if column in _SINGLE
        else rows[column].to_numpy(np.float64, copy=True)
        for column, field in _NUMBERS.items()
    }
    histogram = np.stack(list(rows["histogram"])).astype(np.int64)
    return GateDistribution(count=int(rows["n"].iloc[0]), histogram=histogram, **numbers)


def _effects(rows: pd.DataFrame) -> EffectStatistics | None:
    if rows["effect_mean"].isna().all():
        return None
    numbers = {name: rows[f"effect_{name}"].to_numpy(np.float64, copy=True) for name in _EFFECTS}
    return EffectStatistics(
        highest=_ranked(rows["effect_highest"]), lowest=_ranked(rows["effect_lowest"]), **numbers
    )


def _ranked(column: Iterable[Any]) -> tuple[tuple[RankedImage, ...], ...]:
    return tuple(tuple(RankedImage(**image) for image in images) for images in column)
