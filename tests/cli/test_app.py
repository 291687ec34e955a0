"""The command `app`: what the app is given, and that it starts and stops."""

import json
import os
import shutil
import signal
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from eca_viz.cli.main import STOPPED, TERMINATED, main
from eca_viz.networks.loading import load_network
from eca_viz.paths import (
    ACCURACY_VARIABLE,
    IMAGES_VARIABLE,
    NETWORK_VARIABLE,
    STATISTICS,
    STATISTICS_VARIABLE,
)
from eca_viz.statistics.run import folder_statistics
from eca_viz.ui import application
from tests.factories import make_pixels
from tests.own_network import write_own_network
from tests.ui.app_server import free_port, started, wait_until_up
from tests.ui.factories import ROOT

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Streamlit's options of each start of the app, of which there is none."""
    found: list[dict[str, Any]] = []
    monkeypatch.setattr(application, "run", found.append)
    for name in (NETWORK_VARIABLE, STATISTICS_VARIABLE, ACCURACY_VARIABLE, IMAGES_VARIABLE):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    return found


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["--statistics", "none.parquet"],
            "none.parquet cannot be read (No such file",
        ),
        (["--accuracy", "none.parquet"], "none.parquet cannot be read (No such file"),
        (["--images", "none"], "none is no folder"),
        (["--network", "none.py:build"], "none.py"),
    ],
)
def test_what_cannot_be_had_gets_a_sentence(
    arguments: list[str], sentence: str, capsys: Captured, runs: list[dict[str, Any]]
) -> None:
    assert main(["app", *arguments]) == 2
    assert sentence in capsys.readouterr().err
    assert not runs


def test_the_app_is_given_its_files(
    tmp_path: Path, runs: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.fromarray(make_pixels()).save(tmp_path / "a.png")
    statistics = tmp_path / "s.parquet"
    folder_statistics(tmp_path, load_network("resnet_tiny_eca"), out=statistics)
    network = f"{write_own_network(tmp_path)}:build"
    monkeypatch.chdir(tmp_path)
    accuracy = Path(STATISTICS, "need_resnet_tiny_eca.parquet")
    shutil.copy(accuracy, tmp_path / "n.parquet")
    arguments = ["--statistics", "s.parquet", "--images", ".", "--network", network]
    arguments += ["--accuracy", "n.parquet", "--accuracy", str(accuracy)]
    assert main(["app", *arguments, "--port", "8600", "--no-browser"]) == 0
    assert runs == [{"server.port": 8600, "server.headless": True}]
    assert os.environ[STATISTICS_VARIABLE] == str(statistics)
    given = [str(tmp_path / "n.parquet"), str(accuracy)]
    assert json.loads(os.environ[ACCURACY_VARIABLE]) == given
    assert os.environ[IMAGES_VARIABLE] == str(tmp_path)
    assert os.environ[NETWORK_VARIABLE] == network


def test_its_options_are_those_of_a_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    file = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    found = application.settings()
    assert found["server.maxUploadSize"] == file["server"]["maxUploadSize"]
    assert found["theme.light.primaryColor"] == file["theme"]["light"]["primaryColor"]
    monkeypatch.setenv("STREAMLIT_SERVER_MAX_UPLOAD_SIZE", "7")
    monkeypatch.setenv("STREAMLIT_THEME_LIGHT_PRIMARY_COLOR", "red")
    left = application.settings().keys()
    assert found.keys() - left == {"server.maxUploadSize", "theme.light.primaryColor"}


@pytest.mark.parametrize(
    ("how", "expected"), [(signal.SIGINT, STOPPED), (signal.SIGTERM, TERMINATED)]
)
def test_it_starts_on_a_port_and_stops(how: signal.Signals, expected: int, tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "eca_viz", "app", "--port", str(port), "--no-browser"]
    log = tmp_path / "log.txt"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with started(command, log, environment, folder=tmp_path) as process:
        wait_until_up(f"http://localhost:{port}")
        process.send_signal(how)
        code = process.wait(timeout=20)
    said = log.read_text(encoding="utf-8")
    assert code == expected, said
    assert "Traceback" not in said
