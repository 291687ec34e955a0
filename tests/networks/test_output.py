"""Networks that give no classes: attention, what if, statistics, a score and what explains it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torchvision.models.detection import FasterRCNN
from torchvision.models.detection.backbone_utils import BackboneWithFPN

import eca_viz
from eca_viz.errors import NetworkError, SaliencyError
from eca_viz.export.files import manifest, write
from eca_viz.networks.architectures.eca_resnet import eca_resnet18
from eca_viz.networks.spec import Network
from eca_viz.records import ScoreTarget
from eca_viz.statistics.need import attention_need
from eca_viz.statistics.run import folder_statistics
from tests.factories import hooks_on, make_pixels
from tests.layers import CalledSE

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
