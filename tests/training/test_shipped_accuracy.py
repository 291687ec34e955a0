"""The accuracy that is claimed for the shipped weights, measured."""

from pathlib import Path

from eca_viz import load_network
from eca_viz.training.evaluate import evaluate


def test_the_claimed_accuracy_is_the_measured_one(imagenette: Path) -> None:
    network = load_network("eca_resnet18_imagenette")
    accuracy, images = evaluate(
        network.module, network.spec.preprocess, imagenette, lambda *_: None
    )
    assert images == 3925
    assert abs(accuracy - network.spec.accuracy) < 0.002
    assert accuracy >= 0.90
