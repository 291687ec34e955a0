"""Accuracies on the page Classes: files of a person, those given at the start, shipped ones."""

import json
from pathlib import Path

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from eca_viz.networks.loading import load_network
from eca_viz.networks.registry import find_network
from eca_viz.paths import ACCURACY_VARIABLE, STATISTICS
from eca_viz.statistics.accuracy_files import read_accuracy
from eca_viz.statistics.local import local
from eca_viz.statistics.need import attention_need, pruning
from eca_viz.statistics.run import folder_statistics
from eca_viz.ui import state
from eca_viz.ui.sections import accuracy_source
from tests.factories import make_pixels
from tests.ui.factories import CHANNEL, CLASSES, chart, decode, texts
from tests.ui.factories import healthy as without_exceptions
from tests.ui.factories import without_errors as healthy

TINY, OTHER = find_network("resnet_tiny_eca"), find_network("resnet_tiny_se")
WORTH = "Worth in accuracy"


@pytest.fixture(scope="module")
def accuracies(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Files of a small network over ten images in two classes, and of another network."""
    root, work = tmp_path_factory.mktemp("labelled"), tmp_path_factory.mktemp("accuracies")
    for number in range(10):
        (root / str(number % 2)).mkdir(exist_ok=True)
        Image.fromarray(make_pixels(number)).save(root / str(number % 2) / f"{number}.png")
    files = {name: work / f"{name}.parquet" for name in ("need", "pruned", "other")}
    tiny = load_network(TINY.name)
    statistics = folder_statistics(root, tiny, effects=True, engine=local(0))
    attention_need(root, tiny, out=files["need"], engine=local(0))
    pruning(root, tiny, statistics, out=files["pruned"], engine=local(0))
    attention_need(root, load_network(OTHER.name), out=files["other"], engine=local(0))
    return files


def open_worth(app: AppTest) -> AppTest:
    app.query_params[state.NETWORK] = TINY.title
    app.query_params[state.CLASSES_TAB] = WORTH
    return healthy(app.run().switch_page(CLASSES).run())


def give(app: AppTest, *files: Path) -> AppTest:
    given = [(one.name, one.read_bytes(), "application/x") for one in files]
    return without_exceptions(app.file_uploader(key=state.ACCURACY_FILES).set_value(given).run())


def measured_over(app: AppTest, images: str) -> int:
    """How many accuracies on the page are said to be over so many images."""
    lines = texts(app).splitlines()
    # Statistics of as many images say by what their classes are.
    return sum(f"over {images} images of" in line and " classes by " not in line for line in lines)


def points(app: AppTest, start: str) -> list[float]:
    return [value for trace in chart(app, start)["data"] for value in decode(trace["x"])]


def test_a_persons_accuracies_come_before_shipped_ones(
    app: AppTest, accuracies: dict[str, Path]
) -> None:
    assert measured_over(open_worth(app), "3,925") == 2
    shipped = points(app, "Top-1 accuracy with changed gates")

    give(app, accuracies["need"])
    assert measured_over(app, "3,925") == 1  # those of pruning
    assert measured_over(app, "10") == 1
    own = points(app, "Top-1 accuracy with changed gates")
    assert own != shipped
    expected = read_accuracy(accuracies["need"])
    assert set(own) == {100 * one.top1 for one in expected.conditions[1:]}
    tables = [one.value for one in app.dataframe]
    assert any(
        "top1" in table and table["top1"].tolist() == [one.top1 for one in expected.conditions]
        for table in tables
    )

    give(app, accuracies["need"], accuracies["pruned"])
    assert measured_over(app, "3,925") == 0
    assert measured_over(app, "10") == 2
    give(app, accuracies["pruned"])
    assert measured_over(app, "3,925") == 1  # what was removed gives way to what is shipped
    give(app, accuracies["need"], accuracies["pruned"])
    # They stay for the visit when another page was open, and are of their network alone.
    healthy(app.switch_page(CHANNEL).run())
    assert measured_over(open_worth(app), "10") == 2
    other = find_network("resnet_tiny_se")
    healthy(app.selectbox(key=state.NETWORK).set_value(other.title).run())
    assert measured_over(app, "10") == 0


def test_a_file_that_is_none_or_of_another_network_is_said(
    app: AppTest, accuracies: dict[str, Path], tmp_path: Path
) -> None:
    text = tmp_path / "bad.parquet"
    text.write_bytes(b"no")
    open_worth(app)
    give(app, text, STATISTICS / "folder_resnet_tiny_eca.parquet", accuracies["other"])
    assert len(app.error) == 2
    for error in app.error:
        assert "the file holds no accuracies that can be read" in error.value.replace("\\", "")
    (info,) = [one.value for one in app.info if "is of" in one.value]
    assert f"other.parquet is of {OTHER.title}" in info.replace("\\", "")
    assert measured_over(app, "3,925") == 2


def test_the_app_starts_with_accuracies(
    app: AppTest, accuracies: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [str(accuracies[name]) for name in ("need", "pruned")]
    monkeypatch.setenv(ACCURACY_VARIABLE, json.dumps(names))
    accuracy_source._given.clear()
    assert measured_over(open_worth(app), "10") == 2
    accuracy_source._given.clear()
    gone = [str(accuracies["need"].with_name("gone.parquet"))]
    monkeypatch.setenv(ACCURACY_VARIABLE, json.dumps(gone))
    without_exceptions(app.run())
    assert "gone.parquet cannot be read" in app.error[0].value.replace("\\", "")
    assert measured_over(app, "3,925") == 2
    accuracy_source._given.clear()
