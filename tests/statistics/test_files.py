"""The file of statistics: readable by pandas alone, and back; other files get a sentence."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq
import pytest

from eca_viz.errors import DataError
from eca_viz.networks.spec import Network
from eca_viz.records import FolderStatistics
from eca_viz.records.statistics import BINS
from eca_viz.statistics.files import ABOUT, read_statistics
from eca_viz.statistics.local import local
from eca_viz.statistics.run import folder_statistics
from tests.statistics.same import assert_same


@pytest.fixture(scope="module")
def written(
    small: Network, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[FolderStatistics, Path]:
    out = tmp_path_factory.mktemp("files") / "s.parquet"
    return folder_statistics(folder, small, out=out, effects=True, engine=local(0)), out


def test_pandas_alone_reads_every_number(written: tuple[FolderStatistics, Path]) -> None:
    found, path = written
    frame = pd.read_parquet(path)
    assert len(frame) == (6 + 10) * (1 + 3)
    layer = found.layers[1]
    rows = frame[(frame["layer"] == layer.layer) & (frame["class"] == "church")]
    assert rows["channel"].tolist() == list(range(10))
    assert rows["n"].tolist() == [100] * 10
    np.testing.assert_array_equal(rows["mean"], layer.classes["church"].mean)
    np.testing.assert_array_equal(rows["max"], layer.classes["church"].high)
    np.testing.assert_array_equal(
        np.stack(list(rows["histogram"])), layer.classes["church"].histogram
    )
    assert len(rows["histogram"].iloc[0]) == BINS
    total = frame[(frame["layer"] == layer.layer) & frame["class"].isna()]
    assert total["highest"].iloc[3][0]["path"] == layer.highest[3][0].path
    assert total["effect_mean"].notna().all()
    about = json.loads(pq.read_schema(path).metadata[ABOUT])
    assert about["network"]["sha256"] == "f" * 64
    assert about["versions"]["torch"]


def test_reading_gives_the_same_again(written: tuple[FolderStatistics, Path]) -> None:
    found, path = written
    for source in (path, str(path), path.read_bytes()):
        again = read_statistics(source)
        assert_same(again, found)
        for one, other in zip(again.layers, found.layers, strict=True):
            assert one.effects is not None
            assert other.effects is not None
            np.testing.assert_array_equal(one.effects.magnitude, other.effects.magnitude)
            assert one.effects.highest == other.effects.highest
            assert one.effective_rank == other.effective_rank
            assert not one.total.mean.flags.writeable


@pytest.mark.usefixtures("in_this_process")
def test_other_files_get_a_sentence(written: tuple[FolderStatistics, Path], tmp_path: Path) -> None:
    data = written[1].read_bytes()
    for number, bad in enumerate((b"", b"text", data[:-20], data[:100] + data[200:])):
        path = tmp_path / f"{number}.parquet"
        path.write_bytes(bad)
        with pytest.raises(DataError, match=r"holds no statistics that can be read"):
            read_statistics(path)
        with pytest.raises(DataError, match=r"^the file holds no statistics"):
            read_statistics(bad)
    table = tmp_path / "table.parquet"
    pd.DataFrame({"a": [1]}).to_parquet(table)
    with pytest.raises(DataError, match="a Parquet file without statistics"):
        read_statistics(table)
    old = pa.table({"a": [1]}).replace_schema_metadata({ABOUT: b'{"version": 0}'})
    pq.write_table(old, table)
    with pytest.raises(DataError, match="was written in version 0 of the format"):
        read_statistics(table)
    with pytest.raises(DataError, match="cannot be read"):
        read_statistics(tmp_path / "none.parquet")


@pytest.mark.usefixtures("in_this_process")
def test_uploads_are_bounded_and_checked(
    written: tuple[FolderStatistics, Path], tmp_path: Path
) -> None:
    _, path = written
    with pytest.raises(DataError, match=r"has 64 rows and at most 63 are accepted here"):
        read_statistics(path.read_bytes(), most_rows=63)
    whole = pq.read_table(path)
    about = json.loads(whole.schema.metadata[ABOUT])
    for changed in ({**about, "layers": []}, {**about, "accuracy": "x"}):
        bad = tmp_path / "bad.parquet"
        pq.write_table(whole.replace_schema_metadata({ABOUT: json.dumps(changed).encode()}), bad)
        with pytest.raises(DataError, match="holds no statistics that can be read"):
            read_statistics(bad)
    pq.write_table(whole.filter(pa.compute.not_equal(whole["channel"], 2)), bad)
    with pytest.raises(DataError, match="holds no statistics that can be read"):
        read_statistics(bad)
