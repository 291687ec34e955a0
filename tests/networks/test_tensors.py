"""Networks that take tensors: two inputs, one dimension, on the command line, to a report."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

import eca_viz
from eca_viz.cli.main import main
from eca_viz.errors import EcaVizError, GateError, ImageError, NetworkError, SaliencyError
from eca_viz.networks.spec import Network
from eca_viz.pipeline import saliency_map
from eca_viz.statistics.run import folder_statistics
from tests.layers import ECA1d
from tests.ui.factories import ROOT


class TwoInputs(nn.Module):
    """A signal and a few numbers beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.eca = nn.Conv1d(2, 24, 5), ECA1d()
        self.beside, self.head = nn.Linear(4, 24), nn.Linear(24, 3)

    def forward(self, signal: Tensor, beside: Tensor) -> Tensor:
        x = self.eca(functional.relu(self.conv(signal))).mean(2)
        logits: Tensor = self.head(x + self.beside(beside))
        return logits


def test_a_network_of_two_inputs() -> None:
    torch.manual_seed(0)
    model = TwoInputs().eval()
    network = Network.wrap(model, example=[torch.zeros(1, 2, 50), torch.zeros(1, 4)])
    signal, beside = torch.randn(2, 50), np.arange(4.0)
    explanation = eca_viz.explain((signal, beside), network)
    given = (signal[None], torch.tensor(beside)[None].float())
    with torch.no_grad(), eca_viz.capture(model) as recorder:
        logits = model(*given)
    np.testing.assert_allclose(explanation.probabilities, logits.softmax(1)[0], rtol=1e-5)
    np.testing.assert_allclose(explanation.attention[0].weights, recorder.records[0].weights)
    assert explanation.attention[0].verified == "formula"
    assert explanation.seen.size == 0
    changed = eca_viz.explain((signal, beside), network, gates="eca:ones")
    with torch.no_grad(), eca_viz.intervene(model, "eca:ones"):
        logits = model(*given)
    np.testing.assert_allclose(changed.probabilities, logits.softmax(1)[0], rtol=1e-5)
    other = eca_viz.explain((signal, beside + 1), network)
    assert other.image.sha256 != explanation.image.sha256


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (torch.zeros(2, 50), "got 1 tensors for TwoInputs, which takes (1, 2, 50) and (1, 4)"),
        ((torch.zeros(2, 50), torch.zeros(3, 4)), "got a tensor of the shape (3, 4)"),
        ((torch.zeros(2, 50), ["cat"]), "got list; give a tensor, an array of numbers"),
        (("nowhere.npy", torch.zeros(4)), "nowhere.npy cannot be read (No such file"),
        ((ROOT / "README.md", torch.zeros(4)), "is not an array in NumPy's .npy format"),
        ((torch.zeros(2, 3), torch.zeros(4)), "TwoInputs failed on (1, 2, 3) and (1, 4) with Runt"),
        ((torch.zeros(2, 50), torch.full((4,), torch.nan)), "give finite numbers of that kind"),
        ((torch.zeros(2, 50, dtype=torch.cfloat), torch.zeros(4)), "got a tensor of torch.complex"),
    ],
)
def test_other_tensors_are_refused(source: object, sentence: str) -> None:
    network = Network.wrap(TwoInputs(), example=[torch.zeros(1, 2, 50), torch.zeros(1, 4)])
    with pytest.raises(ImageError) as refused:
        eca_viz.explain(source, network)  # type: ignore[arg-type]
    assert sentence in str(refused.value)


def test_what_needs_an_image_says_so(tmp_path: Path) -> None:
    network = Network.wrap(TwoInputs(), example=[torch.zeros(1, 2, 50), torch.zeros(1, 4)])
    tensors = (torch.randn(2, 50), torch.randn(4))
    explanation = eca_viz.explain(tensors, network)
    todo: tuple[tuple[Callable[[], object], type[EcaVizError], str], ...] = (
        (lambda: eca_viz.explain(tensors, network, "saliency"), SaliencyError, "ask for none"),
        (lambda: saliency_map(explanation, "saliency", network=network), NetworkError, ""),
        (lambda: eca_viz.explain(tensors, network, gates="reference"), GateError, "no mean gates"),
        (lambda: folder_statistics(tmp_path, network), NetworkError, "those of images"),
        (lambda: eca_viz.serve(network), NetworkError, "the app shows networks that take images"),
    )
    for attempt, error, sentence in todo:
        with pytest.raises(error, match=rf"TwoInputs takes tensors, .*{sentence}"):
            attempt()
    images = eca_viz.load_network("eca_resnet18_imagenette")
    with pytest.raises(ImageError, match="got tuple for .*, which takes images; give a path"):
        eca_viz.explain(tensors, images)


ONE_DIMENSION = """
import torch
from torch import nn

example = torch.zeros(1, 2, 200)


class Eca(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(1, 1, 3, padding=1, bias=False)

    def forward(self, x):
        return x * torch.sigmoid(self.conv(x.mean(2)[:, None])).transpose(1, 2)


def build():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv1d(2, 16, 7, stride=2), nn.ReLU(), Eca(),
        nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(16, 3),
    )
"""


def test_one_dimension_from_a_file_to_a_report(tmp_path: Path) -> None:
    (tmp_path / "signals.py").write_text(ONE_DIMENSION)
    np.save(tmp_path / "signal.npy", np.random.default_rng(0).normal(size=(2, 200)))
    np.save(tmp_path / "other.npy", np.zeros((1, 1, 1, 9)))
    command = [
        "explain",
        "signal.npy",
        "other.npy",
        "--network",
        "signals.py:build",
        "--out",
        "out",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "eca_viz", *command],
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done.stderr
    assert "skipped other.npy: got a tensor of the shape (1, 1, 1, 9)" in done.stderr
    assert done.stdout.startswith("signal.npy: class ")
    found = json.loads((tmp_path / "out/signal/explanation.json").read_text())
    assert found["image"]["name"] == "signal.npy"
    assert "width" not in found["image"]
    (layer,) = found["attention"]
    assert (layer["mechanism"], layer["verified"], layer["kernel_size"]) == ("eca", "formula", 3)
    report = (tmp_path / "out/signal/report.html").read_text()
    assert "<img" not in report.partition("<h2>Kernels")[0].rpartition("</script>")[2]
    assert report.count("plotly-graph-div") >= 4


def test_two_inputs_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "two.py").write_text(
        "import torch\nfrom tests.networks.test_tensors import TwoInputs as build\n"
        "example = [torch.zeros(1, 2, 50), torch.zeros(1, 4)]\n"
    )
    monkeypatch.chdir(tmp_path)
    for number in range(2):
        np.save(f"signal{number}.npy", np.random.default_rng(number).normal(size=(2, 50)))
        np.save(f"beside{number}.npy", np.zeros(4))
    files = ["signal0.npy", "beside0.npy", "signal1.npy", "beside1.npy"]
    assert main(["explain", *files, "--network", "two.py:build", "--out", "out"]) == 0
    said = capsys.readouterr().out
    assert said.count("class ") == 2
    assert said.startswith("signal0.npy, beside0.npy: class ")
    assert main(["explain", *files[:3], "--network", "two.py:build", "--out", "out"]) == 1
    assert "skipped signal1.npy: got 1 tensors for two.py:build" in capsys.readouterr().err
