"""What is taken away holds the numbers that were captured."""

import dataclasses
import importlib
import io
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from plotly.offline import get_plotlyjs

from eca_viz.export import files as export
from eca_viz.images.reading import read_image
from eca_viz.images.samples import SAMPLES
from eca_viz.records import Explanation
from tests.export.checks import check_snippet, check_table
from tests.factories import make_pixels, make_scorecard


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


def test_reports_share_one_library_that_is_written_once(
    explained: Explanation, tmp_path: Path
) -> None:
    other = dataclasses.replace(explained, gates=("all:ones",))
    folders = [export.write(explained, tmp_path, shared=True)]
    library = tmp_path / "plotly.min.js"
    assert library.read_text(encoding="utf-8") == get_plotlyjs()
    written = library.stat().st_mtime_ns
    folders.append(export.write(other, tmp_path, shared=True))
    assert library.stat().st_mtime_ns == written
    for folder in folders:
        page = folder / "report.html"
        assert page.stat().st_size < 1_000_000
        (address,) = re.findall(r'<script[^>]+src="([^"]+)"', page.read_text(encoding="utf-8"))
        assert (folder / address).resolve() == library
    library.write_text("another version", encoding="utf-8")
    export.write(explained, tmp_path, shared=True)
    assert library.read_text(encoding="utf-8") == get_plotlyjs()


def test_a_report_alone_holds_the_library(explained: Explanation, tmp_path: Path) -> None:
    folder = export.write(explained, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]
    assert get_plotlyjs() in (folder / "report.html").read_text(encoding="utf-8")
