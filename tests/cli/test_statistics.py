"""The commands `statistics`, `need`, `prune` and `app`: outputs, exit codes, sentences."""

import subprocess
import sys
import time
import tomllib
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from eca_viz.cli.main import main
from eca_viz.paths import IMAGES_VARIABLE, STATISTICS_VARIABLE
from eca_viz.statistics.accuracy_files import read_accuracy
from eca_viz.statistics.files import images_file, read_statistics
from tests.factories import make_pixels
from tests.ui.app_server import free_port

ROOT = Path(__file__).parents[2]
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


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["statistics", "none", "--out", "o"], "none is no folder"),
        (["app", "--statistics", "none.parquet"], "none.parquet cannot be read (No such file"),
        (["app", "--images", "none"], "none is no folder"),
    ],
)
def test_what_cannot_be_had_gets_a_sentence(
    arguments: list[str], sentence: str, capsys: Captured, tmp_path: Path
) -> None:
    assert main(arguments) == 2
    assert sentence in capsys.readouterr().err


def test_the_app_has_the_settings_of_a_checkout(
    statistics: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def run(command: list[str], **given: Any) -> subprocess.CompletedProcess[str]:
        calls.append((command, given))
        return subprocess.CompletedProcess(command, 3)

    monkeypatch.setattr(subprocess, "run", run)
    arguments = ["app", "--statistics", str(statistics), "--images", str(folder)]
    assert main([*arguments, "--port", "8600", "--no-browser"]) == 3
    ((command, given),) = calls
    assert command[4] == str(ROOT / "app.py")
    options = dict(zip(command[5::2], command[6::2], strict=True))
    with (ROOT / ".streamlit" / "config.toml").open("rb") as file:
        settings = tomllib.load(file)
    assert options.pop("--server.port") == "8600"
    assert options.pop("--server.headless") == "true"
    for option, value in options.items():
        section, name = option.removeprefix("--").split(".")
        wanted = settings[section][name]
        assert value == (str(wanted).lower() if isinstance(wanted, bool) else str(wanted))
    assert given["env"][STATISTICS_VARIABLE] == str(statistics)
    assert given["env"][IMAGES_VARIABLE] == str(folder)


def test_the_app_starts_on_a_port(statistics: Path, folder: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "eca_viz", "app", "--statistics", str(statistics)]
    command += ["--images", str(folder), "--port", str(port), "--no-browser"]
    run = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        for _ in range(300):
            try:
                with urllib.request.urlopen(f"http://localhost:{port}/", timeout=5) as page:
                    assert page.status == 200
                break
            except OSError:
                assert run.poll() is None
                time.sleep(0.2)
        else:
            pytest.fail("the app does not answer")
    finally:
        subprocess.run(["pkill", "-f", f"server.port {port}"], check=True)
        run.wait(timeout=30)
