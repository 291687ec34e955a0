"""Networks that give no classes, or take no images: attention, what if, a score, a report."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.models.detection import FasterRCNN
from torchvision.models.detection.backbone_utils import BackboneWithFPN

import eca_viz
from eca_viz.cli.main import main
from eca_viz.errors import EcaVizError, GateError, ImageError, NetworkError, SaliencyError
from eca_viz.export.files import manifest, write
from eca_viz.networks.architectures.eca_resnet import eca_resnet18
from eca_viz.networks.spec import Network
from eca_viz.pipeline import saliency_map
from eca_viz.records import ScoreTarget
from eca_viz.statistics.need import attention_need
from eca_viz.statistics.run import folder_statistics
from tests.factories import hooks_on, make_pixels
from tests.layers import CalledSE, ECA1d
from tests.ui.factories import ROOT

COLOURS = {"resize": 96, "crop": 96, "mean": (0, 0, 0), "std": (1, 1, 1)}


def confidence(found: list[dict[str, Tensor]]) -> Tensor:
    return torch.stack([one["scores"].sum() for one in found])


def detector(body: nn.Module) -> nn.Module:
    torch.manual_seed(0)
    for part in body.modules():
        if isinstance(part, nn.Conv1d):
            part.weight.data.mul_(20)
    stages = {f"layer{number}": str(number) for number in range(1, 5)}
    backbone = BackboneWithFPN(body, stages, [64, 128, 256, 512], 32)
    return FasterRCNN(
        backbone, num_classes=3, min_size=96, max_size=128, box_score_thresh=0.0
    ).eval()


@pytest.fixture(scope="module")
def boxes() -> nn.Module:
    return detector(eca_resnet18(num_classes=2))


@pytest.fixture(scope="module")
def scored(boxes: nn.Module) -> Network:
    return Network.wrap(boxes, name="detector", preprocess=COLOURS, score=confidence)


def test_a_detector_shows_its_attention_and_its_score(boxes: nn.Module, scored: Network) -> None:
    pixels = make_pixels(0, 128, 96)
    explanation = eca_viz.explain(pixels, scored, ("grad_cam", "saliency"))
    inputs = scored.inputs_of(explanation)
    with torch.no_grad():
        expected = float(confidence(boxes(inputs)))
    assert explanation.score == pytest.approx(expected, rel=1e-5)
    assert (explanation.predictions, explanation.target) == ((), 0)
    assert explanation.probabilities.shape == (0,)
    with eca_viz.capture(boxes) as recorder, torch.no_grad():
        boxes(inputs)
    for ours, theirs in zip(explanation.attention, recorder.records, strict=True):
        assert ours.layer == theirs.layer
        np.testing.assert_allclose(ours.weights, theirs.weights, rtol=1e-5)
    for one in explanation.saliency:
        assert one.target == ScoreTarget(explanation.score)
        assert one.values.any()
    assert hooks_on(boxes) == 0
    assert isinstance(boxes(inputs), list)


def test_saliency_is_the_gradient_of_the_score(boxes: nn.Module, scored: Network) -> None:
    explanation = eca_viz.explain(make_pixels(0, 128, 96), scored, "saliency")
    inputs = scored.inputs_of(explanation).requires_grad_()
    confidence(boxes(inputs)).sum().backward()
    assert inputs.grad is not None
    expected = inputs.grad[0].abs().amax(0)
    np.testing.assert_allclose(explanation.saliency[0].values, expected, rtol=1e-3, atol=1e-7)


def test_what_if_and_effects_of_gates_on_a_score(boxes: nn.Module, scored: Network) -> None:
    pixels = make_pixels(0, 128, 96)
    changed = eca_viz.explain(pixels, scored, (), gates="backbone.body.layer4:ones")
    with torch.no_grad(), eca_viz.intervene(boxes, "backbone.body.layer4:ones"):
        expected = float(confidence(boxes(scored.inputs_of(changed))))
    assert changed.score == pytest.approx(expected, rel=1e-5)
    explanation = eca_viz.explain(pixels, scored, ())
    reference = eca_viz.reference_gates(scored)
    layer = explanation.attention[0].layer
    effects = eca_viz.channel_effects(scored, explanation, layer, 0, reference=reference)
    assert effects.logit == pytest.approx(explanation.score, rel=1e-5)
    gate = float(reference.gates[layer][5])
    one = eca_viz.explain(pixels, scored, (), gates=f"{layer}:channel=5,{gate:.7f}")
    assert one.score is not None
    assert effects.change[5] == pytest.approx(one.score - effects.logit, abs=1e-3)


def test_without_a_score_there_is_attention_alone(boxes: nn.Module) -> None:
    network = Network.wrap(boxes, preprocess=COLOURS)
    explanation = eca_viz.explain(make_pixels(), network)
    assert len(explanation.attention) == 8
    assert (explanation.saliency, explanation.score, explanation.target) == ((), None, None)
    with pytest.raises(SaliencyError, match="FasterRCNN gives no classes, .* give it a `score`"):
        eca_viz.explain(make_pixels(), network, "grad_cam")


@pytest.mark.parametrize("effects", [True, False])
def test_statistics_of_a_network_without_classes(
    scored: Network, tmp_path: Path, *, effects: bool
) -> None:
    from PIL import Image

    for number in range(3):
        Image.fromarray(make_pixels(number)).save(tmp_path / f"{number}.png")
    found = folder_statistics(tmp_path, scored, effects=effects)
    assert (found.images, found.classes, found.accuracy) == (3, (), None)
    explained = [eca_viz.explain(make_pixels(number), scored, ()) for number in range(3)]
    gates = np.concatenate([one.attention[-1].weights for one in explained])
    np.testing.assert_allclose(found.layers[-1].total.mean, gates.mean(0), rtol=1e-4)
    assert (found.layers[-1].effects is not None) == effects
    with pytest.raises(NetworkError, match="detector gives no classes, so there is no accuracy"):
        attention_need(tmp_path, scored)


def test_what_has_no_score_has_no_effects(boxes: nn.Module, tmp_path: Path) -> None:
    network = Network.wrap(boxes, preprocess=COLOURS)
    with pytest.raises(NetworkError, match="effects to compute, but FasterRCNN gives no classes"):
        folder_statistics(tmp_path, network, effects=True)


def test_an_embedding_is_not_taken_for_classes() -> None:
    model = nn.Sequential(nn.Conv2d(3, 24, 5), CalledSE(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    assert Network.wrap(model).record.output == "classes"
    network = Network.wrap(model, labels=[])
    assert (network.record.output, network.record.labels) == ("other", ())
    assert eca_viz.explain(make_pixels(), network).predictions == ()


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
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
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
        "import torch\nfrom tests.networks.test_output import TwoInputs as build\n"
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


def test_scores_that_explain_nothing_are_told(boxes: nn.Module) -> None:
    def wrapped(score: Callable[[Any], Tensor]) -> Network:
        return Network.wrap(boxes, name="detector", preprocess=COLOURS, score=score)

    detached = wrapped(lambda found: confidence(found).detach())
    with pytest.raises(SaliencyError, match=r"^the score has no gradient, which Grad-CAM needs"):
        eca_viz.explain(make_pixels(), detached, "grad_cam")
    with pytest.raises(SaliencyError, match="scorecard to compute, .* detector has none"):
        eca_viz.explain(make_pixels(), wrapped(confidence), "saliency", scores=True)
    twice = wrapped(lambda found: 2 * confidence(found))
    assert twice.record.sha256 != wrapped(confidence).record.sha256
    assert wrapped(confidence).record.sha256 == wrapped(confidence).record.sha256


def test_one_number_is_not_the_logit_of_one_class() -> None:
    model = nn.Sequential(
        nn.Conv2d(3, 24, 5), CalledSE(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(24, 1)
    )
    assert Network.wrap(model).record.output == "other"
    assert Network.wrap(model, labels=["defect"]).record.labels == ("defect",)
    network = Network.wrap(model, score=lambda logits: logits[:, 0])
    assert network.record.output == "score"
    assert eca_viz.explain(make_pixels(), network, "grad_cam").saliency


def test_files_and_words_of_a_score(scored: Network, boxes: nn.Module, tmp_path: Path) -> None:
    explanation = eca_viz.explain(make_pixels(), scored, "grad_cam")
    found = manifest(explanation)
    assert found["score"] == explanation.score
    assert found["network"]["output"] == "score"
    assert "target=" not in found["snippet"]
    folder = write(explanation, tmp_path)
    report = (folder / "report.html").read_text()
    assert f"<h2>Score {explanation.score:.5g}</h2>" in report
    assert "Saliency for the score" in report
    assert "Score " in explanation._repr_html_()
    with pytest.raises(eca_viz.SelectionError, match="gives no classes, so there are no pred"):
        explanation.figure("predictions")
    with pytest.raises(eca_viz.SelectionError, match="got class 'cat'; detector gives no classes"):
        eca_viz.explain(make_pixels(), scored, (), target="cat")
    plain = eca_viz.explain(make_pixels(), Network.wrap(boxes, preprocess=COLOURS))
    assert (
        "<h2>Attention of FasterRCNN</h2>" in (write(plain, tmp_path) / "report.html").read_text()
    )


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"score": 3}, "got 3 as score; give a function"),
        ({"score": lambda found: found.mean()}, "the score of 1 inputs gave (); give a function"),
        ({"score": lambda found: "much"}, "the score of 1 inputs gave str"),
        ({"example": [3]}, "got an example that is no tensor with a batch of one"),
        ({"example": torch.zeros(2, 3, 9, 9)}, "got an example that is no tensor"),
        ({"example": torch.zeros(1, 5)}, "failed on input (1, 5) with RuntimeError"),
        ({"labels": ["cat"]}, "got 1 labels for an output of the shape (1, 2, 222, 222)"),
        ({"labels": ["cat"], "score": len}, "got labels and a score; give one of them"),
        ({"score": lambda found: found.flatten()[:0]}, "the score of 1 inputs gave (0,)"),
        ({"example": 5}, "got an example that is no tensor"),
    ],
)
def test_what_does_not_fit_is_refused(more: dict[str, object], sentence: str) -> None:
    model = nn.Sequential(nn.Conv2d(3, 2, 3))
    with pytest.raises(NetworkError) as refused:
        Network.wrap(model, **more)  # type: ignore[arg-type]
    assert sentence in str(refused.value)
