"""The commands `statistics`, `need` and `prune`: outputs, exit codes, sentences."""

from pathlib import Path

import pytest
from PIL import Image

from eca_viz.cli.main import main
from eca_viz.statistics.accuracy_files import read_accuracy
from eca_viz.statistics.files import images_file, read_statistics
from tests.factories import make_pixels

NETWORK = ["--network", "resnet_tiny_eca", "--workers", "0"]

Captured = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("images")
    for number, name in enumerate(("church", "tench")):
        (root / name).mkdir()
        for copy in range(4):
            Image.fromarray(make_pixels(10 * number + copy)).save(root / name / f"{copy}.png")
    return root


@pytest.fixture(scope="module")
def statistics(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out") / "new" / "s.parquet"
    assert main(["statistics", str(folder), *NETWORK, "--effects", "--out", str(out)]) == 0
    return out


def test_need_prints_a_table_and_a_sentence(folder: Path, tmp_path: Path, capsys: Captured) -> None:
    out = tmp_path / "n.parquet"
    assert main(["need", str(folder), *NETWORK, "--out", str(out)]) == 0
    lines = capsys.readouterr().out.splitlines()
    found = read_accuracy(out)
    assert len(lines) == 1 + len(found.conditions) + 1 + 2
    assert lines[1].startswith("Gates as they are ")
    assert f"{found.unchanged.top1:.4f}" in lines[1]
    assert lines[-3].startswith("Over 8 images")
    assert lines[-2:] == [str(out), str(images_file(out))]


def test_prune_takes_statistics(
    folder: Path, statistics: Path, tmp_path: Path, capsys: Captured
) -> None:
    out = tmp_path / "p.parquet"
    arguments = ["prune", str(folder), *NETWORK, "--out", str(out)]
    assert main([*arguments, "--statistics", str(statistics)]) == 0
    assert "weakest effect, 50%" in capsys.readouterr().out
    assert read_accuracy(out).conditions[-1].share == 0.9
    assert main([*arguments, "--statistics", str(folder / "none")]) == 2
    assert "none cannot be read (No such file or directory)" in capsys.readouterr().err


def test_a_bad_image_is_named_and_the_exit_code_says_so(
    folder: Path, tmp_path: Path, capsys: Captured
) -> None:
    table, bad = tmp_path / "t.csv", folder / "church" / "bad.jpg"
    table.write_text("path,label\nchurch/0.png,church\nchurch/bad.jpg,church\n", encoding="utf-8")
    bad.write_text("no image")
    out = tmp_path / "s.parquet"
    arguments = ["statistics", str(folder), *NETWORK, "--table", str(table), "--out", str(out)]
    code = main(arguments)
    bad.unlink()
    printed = capsys.readouterr()
    assert code == 1
    assert printed.err.startswith("skipped church/bad.jpg: bad.jpg is not an image")
    assert printed.out.startswith("1 images in 1 classes by label")
    assert read_statistics(out).skipped == 1


def test_a_folder_that_is_not_there_gets_a_sentence(capsys: Captured) -> None:
    assert main(["statistics", "none", "--out", "o"]) == 2
    assert "none is no folder" in capsys.readouterr().err


def test_a_device_is_not_passed_over_by_ray(folder: Path, tmp_path: Path, capsys: Captured) -> None:
    arguments = ["statistics", str(folder), *NETWORK, "--out", str(tmp_path / "s.parquet")]
    assert main([*arguments, "--engine", "ray", "--device", "cpu"]) == 2
    assert "got --device cpu with --engine ray" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
