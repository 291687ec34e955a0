"""What is taken away holds the numbers that were captured."""

import dataclasses
import importlib
import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from eca_viz.analysis.attention import ATTENTION_COLUMNS
from eca_viz.export import files as export
from eca_viz.images.reading import read_image
from eca_viz.images.samples import SAMPLES
from eca_viz.records import Explanation
from tests.analysis.test_analysis import make_scorecard
from tests.conftest import make_pixels


def check_table(table: pd.DataFrame, explanation: Explanation) -> None:
    assert tuple(table.columns) == ATTENTION_COLUMNS
    for record in explanation.attention:
        rows = table[table["layer"] == record.layer]
        assert rows["channel"].tolist() == list(range(record.channels))
        for column, values in (
            ("descriptor", record.descriptor),
            ("logit", record.logits),
            ("weight", record.weights),
        ):
            np.testing.assert_array_equal(rows[column].to_numpy(np.float32), values[0])
        assert set(rows["kernel_size"]) == {record.kernel_size}


def test_csv_holds_every_number(explained: Explanation) -> None:
    check_table(pd.read_csv(io.StringIO(export.csv(explained))), explained)


def test_parquet_holds_every_number(explained: Explanation) -> None:
    check_table(pd.read_parquet(io.BytesIO(export.parquet(explained))), explained)


def test_manifest(explained: Explanation) -> None:
    found = json.loads(export.manifest_json(explained))
    assert found["image"] == {
        "name": "china.jpg",
        "width": 640,
        "height": 427,
        "sha256": explained.image.sha256,
    }
    assert found["network"]["sha256"] == explained.network.sha256
    assert [p["label"] for p in found["predictions"]] == [p.label for p in explained.predictions]
    for row, record in zip(found["attention"], explained.attention, strict=True):
        assert row["layer"] == record.layer
        np.testing.assert_array_equal(np.float32(row["weights"]), record.weights[0])
        np.testing.assert_array_equal(np.float32(row["taps"]), record.taps)
    assert found["saliency"][0]["parameters"] == {"n_steps": 10, "internal_batch_size": 4}
    assert found["versions"] == dict(explained.versions)


@pytest.mark.parametrize("sample", ["china", ""], ids=["a sample", "a file"])
def test_the_snippet_gives_the_same_numbers_again(
    sample: str, explained: Explanation, tmp_path: Path
) -> None:
    """Run in a fresh Python; a file lies beside it, a sample is found wherever it runs."""
    image = dataclasses.replace(explained.image, sample=sample)
    if not sample:
        (tmp_path / image.name).write_bytes(sample_file().read_bytes())
    check_snippet(export.snippet(dataclasses.replace(explained, image=image)), explained, tmp_path)


def sample_file() -> Path:
    """The file of the sample that `explained` shows."""
    return Path(importlib.import_module(SAMPLES[0].package).__file__).parent / SAMPLES[0].path


def check_snippet(snippet: str, expected: Explanation, folder: Path) -> None:
    """Runs a snippet in `folder` and compares its numbers with the expected ones."""
    script = snippet + (
        "import json\n"
        "print(json.dumps([[r.weights[0].tolist() for r in explanation.attention],"
        " [s.values.tolist() for s in explanation.saliency]]))\n"
    )
    root = Path(export.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=folder,
        env={"PYTHONPATH": str(root), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    weights, maps = json.loads(done.stdout)
    for found, record in zip(weights, expected.attention, strict=True):
        np.testing.assert_allclose(found, record.weights[0], rtol=1e-5)
    for found, saliency in zip(maps, expected.saliency, strict=True):
        largest = np.abs(saliency.values).max()
        np.testing.assert_allclose(found, saliency.values, rtol=1e-3, atol=1e-4 * largest)


def test_the_scorecard_is_taken_along(explained: Explanation) -> None:
    assert export.manifest(explained)["scorecard"] is None
    assert "scores" not in export.snippet(explained)
    scored = dataclasses.replace(explained, scorecard=make_scorecard(2))
    found = json.loads(export.manifest_json(scored))["scorecard"]
    assert found["target"]["label"] == "church"
    assert found["flat"] == ["Grad-CAM"]
    assert [row["sensitivity"] for row in found["scores"]] == [0.1, 0.1, None]
    np.testing.assert_allclose(found["scores"][1]["deletion"], scored.scorecard.scores[1].deletion)
    assert "    scores=True,\n" in export.snippet(scored)


def test_photographs_of_one_name_do_not_overwrite_each_other(
    explained: Explanation, tmp_path: Path
) -> None:
    other_image = read_image(make_pixels(), explained.image.name)
    other = dataclasses.replace(explained, image=other_image)
    first = export.write(explained, tmp_path)
    second = export.write(other, tmp_path)
    assert (first.name, second.name) == ("china", "china-2")
    assert export.write(explained, tmp_path) == first
    assert export.write(other, tmp_path) == second
    for folder, expected in ((first, explained), (second, other)):
        names = {path.name for path in folder.iterdir()}
        assert names == {
            "attention.csv",
            "attention.parquet",
            "explanation.json",
            "report.html",
        }
        manifest = json.loads((folder / "explanation.json").read_text(encoding="utf-8"))
        assert manifest["image"]["sha256"] == expected.image.sha256


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"image": 3}'])
def test_a_folder_of_something_else_is_left_alone(
    content: str, explained: Explanation, tmp_path: Path
) -> None:
    theirs = tmp_path / "china" / "explanation.json"
    theirs.parent.mkdir()
    theirs.write_text(content)
    assert export.write(explained, tmp_path).name == "china-2"
    assert theirs.read_text() == content
