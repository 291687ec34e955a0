"""The wheel outside the checkout: with the core alone, and with the extra `app`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import eca_viz
from tests.ui.app_server import free_port, started, wait_until_up
from tests.wheel import SITE, build, environment

# What a person writes, and what it prints.
SCRIPT = """
import numpy as np
import torch
from torch import nn

import eca_viz


class SE(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.fc1 = nn.Linear(channels, channels // 4)
        self.fc2 = nn.Linear(channels // 4, channels)

    def forward(self, x):
        gates = torch.sigmoid(self.fc2(torch.relu(self.fc1(x.mean((2, 3))))))
        return x * gates[:, :, None, None]


model = nn.Sequential(nn.Conv2d(3, 16, 3), SE(16)).eval()
with eca_viz.capture(model) as recorder:
    model(torch.rand(2, 3, 32, 32))
(record,) = recorder.records
print(record.layer, record.weights.shape, eca_viz.__version__)
explanation = eca_viz.explain(np.zeros((64, 64, 3), np.uint8), saliency="grad_cam")
print(explanation.saliency[0].values.shape, type(explanation.figure("overview")).__name__)
try:
    eca_viz.load_network("timm:ecaresnet26t")
except eca_viz.MissingPackageError as error:
    print(error)
"""
TYPED = """
from collections.abc import Sequence

from torch import Tensor, nn

import eca_viz


def captured(model: nn.Module, images: Tensor) -> Sequence[eca_viz.LayerAttention]:
    with eca_viz.capture(model) as recorder:
        model(images)
    return recorder.records


def closest(path: str, network: eca_viz.Network) -> tuple[str, float]:
    explanation: eca_viz.Explanation = eca_viz.explain(path, network, saliency=("grad_cam",))
    best = explanation.predictions[0]
    reveal_type(best.probability)
    return best.label, best.probability


eca_viz.explain(path="dog.jpg")
"""
# Following torch takes longer than all else.
SETTINGS = "[mypy]\nstrict = true\n[mypy-torch.*,plotly.*,captum.*]\nfollow_imports = skip\n"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def core(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return environment(tmp_path_factory.mktemp("core"), wheel)


@pytest.fixture(scope="module")
def with_app(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return environment(tmp_path_factory.mktemp("app"), wheel, "app")


def outside() -> dict[str, str]:
    """The environment without what would lead to the checkout."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def run(folder: Path, *command: str | Path) -> str:
    done = subprocess.run(
        command, cwd=folder, env=outside(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_core_works_without_extras(core: Path, tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT, encoding="utf-8")
    first, second, third = run(tmp_path, core / "python", "script.py").splitlines()
    assert first == f"1 (2, 16) {eca_viz.__version__}"
    assert second == "(176, 176) Figure"
    assert third == "timm is not installed; pip install 'eca_viz[hub]' installs it"

    image = SITE / "skimage" / "data" / "coffee.png"
    said = run(tmp_path, core / "eca-viz", "explain", image, "--out", "results", "--saliency")
    assert said.startswith(f"{image}: ")
    assert {path.name for path in tmp_path.glob("results/*/*")} >= {"attention.csv", "report.html"}


def test_a_persons_script_is_typed(core: Path, tmp_path: Path) -> None:
    """What is right passes, and what is wrong is found where it stands."""
    (tmp_path / "script.py").write_text(TYPED, encoding="utf-8")
    (tmp_path / "mypy.ini").write_text(SETTINGS, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--python-executable", core / "python", "script.py"]
    done = subprocess.run(
        command, cwd=tmp_path, env=outside(), capture_output=True, text=True, check=False
    )
    said = done.stdout.splitlines()
    assert said[0].endswith('note: Revealed type is "float"'), done.stdout
    assert 'error: Unexpected keyword argument "path" for "explain"' in said[1]
    assert said[-1].startswith("Found 1 error in 1 file")


def test_the_app_answers(with_app: Path, tmp_path: Path) -> None:
    port = free_port()
    command = [str(with_app / "eca-viz"), "app", "--port", str(port), "--no-browser"]
    log = tmp_path / "log.txt"
    with started(command, log, outside(), folder=tmp_path):
        wait_until_up(f"http://localhost:{port}")
    assert "Traceback" not in log.read_text(encoding="utf-8")
