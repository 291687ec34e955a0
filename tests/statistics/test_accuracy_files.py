"""Files of accuracies: what was written is read, and all else gets a sentence."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import eca_viz
from eca_viz.errors import DataError
from eca_viz.paths import STATISTICS
from eca_viz.records.need import NEED, PRUNING, ConditionResult, FolderAccuracy
from eca_viz.statistics.accuracy_files import MOST_ROWS, write_accuracy
from eca_viz.statistics.files import write as write_statistics
from tests.hostile.tables import flipped

SHIPPED = STATISTICS / "need_resnet_tiny_eca.parquet"
Change = Callable[[FolderAccuracy], FolderAccuracy]


@pytest.fixture(scope="module")
def need() -> FolderAccuracy:
    return eca_viz.read_accuracy(SHIPPED)


def test_path_text_and_bytes_are_the_same(need: FolderAccuracy) -> None:
    assert eca_viz.read_accuracy(str(SHIPPED)) == need
    assert eca_viz.read_accuracy(SHIPPED.read_bytes()) == need


def test_what_is_measured(need: FolderAccuracy) -> None:
    assert need.measured == NEED
    pruned = eca_viz.read_accuracy(STATISTICS / "pruning_resnet_tiny_eca.parquet")
    assert pruned.measured == PRUNING
    assert dataclasses.replace(need, conditions=need.conditions[:1]).measured == ""


def changed(place: int, **values: object) -> Change:
    def change(found: FolderAccuracy) -> FolderAccuracy:
        conditions = list(found.conditions)
        conditions[place] = dataclasses.replace(conditions[place], **values)
        return dataclasses.replace(found, conditions=tuple(conditions))

    return change


@pytest.mark.usefixtures("in_this_process")
@pytest.mark.parametrize(
    "change",
    [
        lambda found: dataclasses.replace(found, conditions=()),
        lambda found: dataclasses.replace(found, conditions=found.conditions[:1]),
        lambda found: dataclasses.replace(found, conditions=found.conditions[1:]),
        lambda found: dataclasses.replace(found, stages=found.stages[1:]),
        changed(0, images=0, right=0),
        changed(3, right=10**9),
        changed(3, right=-1),
        changed(2, low=float("nan")),
        changed(2, high=1.5),
        changed(1, share=-0.1),
        changed(1, where="layer9"),
        changed(1, kind="order of mine", share=0.5),
        changed(1, kind="random x", share=0.5),
        changed(2, p_value=float("nan")),
        changed(2, lost=-1),
        changed(2, log_probability=float("inf")),
    ],
)
def test_numbers_that_no_run_gives_are_refused(
    change: Change, need: FolderAccuracy, tmp_path: Path
) -> None:
    path = tmp_path / "n.parquet"
    write_accuracy(change(need), path)
    for source in (path, path.read_bytes()):
        with pytest.raises(DataError, match="holds no accuracies that can be read"):
            eca_viz.read_accuracy(source)


@pytest.mark.usefixtures("in_this_process")
def test_other_files_are_refused(tmp_path: Path, need: FolderAccuracy) -> None:
    path = tmp_path / "n.parquet"
    statistics = eca_viz.read_statistics(STATISTICS / "folder_resnet_tiny_eca.parquet")
    write_statistics(statistics, path)
    many = pa.table({"kind": ["unchanged"] * (MOST_ROWS + 1)})
    about = {b"eca_viz_accuracy": json.dumps({}).encode()}
    pq.write_table(many.replace_schema_metadata(about), tmp_path / "many.parquet")
    for source in (path, tmp_path / "many.parquet", b"", b"PAR1", b"text"):
        with pytest.raises(DataError, match="holds no accuracies that can be read"):
            eca_viz.read_accuracy(source)
    with pytest.raises(DataError, match=r"cannot be read .*give a file that"):
        eca_viz.read_accuracy(tmp_path / "none.parquet")


@pytest.mark.usefixtures("in_this_process")
def test_damaged_files_get_the_sentence_or_read_as_a_run(need: FolderAccuracy) -> None:
    data = SHIPPED.read_bytes()
    random = np.random.default_rng(0)
    sentences: list[str] = []
    for _ in range(300):
        try:
            found = eca_viz.read_accuracy(flipped(data, random))
        except DataError as error:
            sentences.append(str(error))
        else:
            assert isinstance(found.unchanged, ConditionResult)
            assert found.measured
    assert len(sentences) > 100
    assert not any("\n" in one for one in sentences)
