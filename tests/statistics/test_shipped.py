"""What is shipped over Imagenette: of the shipped networks, and as they compute it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from eca_viz.gates.forward import attend
from eca_viz.images.reading import read_image
from eca_viz.networks.loading import load_network
from eca_viz.networks.registry import DEFAULT_NETWORK, NETWORKS, find_network
from eca_viz.networks.spec import NetworkSpec
from eca_viz.paths import RANKS
from eca_viz.statistics.conditions import KINDS
from eca_viz.statistics.shipped import NEED, PRUNING, shipped_accuracy, shipped_statistics
from tests.ui.factories import ROOT

WITH_ATTENTION = [spec for spec in NETWORKS if spec.name != "resnet_tiny_none"]
# Of 3,925 images, those whose class may differ: sums are rounded differently between processors.
DIFFERENT = 3
IMAGES = 6
# Of the validation images, those that accuracy with changed gates is measured on.
EVERY = 4


@pytest.mark.parametrize("spec", WITH_ATTENTION, ids=lambda spec: spec.name)
def test_statistics_are_of_the_shipped_networks(spec: NetworkSpec) -> None:
    found = shipped_statistics(spec.name, spec.sha256)
    assert found is not None
    assert (found.images, found.skipped, found.folder) == (3925, 0, "imagenette2-160/val")
    assert found.classes == tuple(sorted(spec.labels()))
    assert found.accuracy is not None
    right = (pd.read_csv(RANKS)[spec.name] == 0).sum()
    assert abs(found.accuracy * 3925 - right) <= DIFFERENT
    assert [layer.layer for layer in found.layers] == [
        layer.name for layer in load_network(spec.name).layers
    ]
    for layer in found.layers:
        assert layer.effects is not None
        assert layer.total.histogram.sum() == 3925 * layer.channels
    assert shipped_statistics(spec.name, "0" * 64) is None


def test_accuracies_are_of_the_shipped_network() -> None:
    spec = find_network(DEFAULT_NETWORK)
    found = shipped_accuracy(spec.name, spec.sha256, NEED)
    assert found is not None
    assert found.stages == ("layer1", "layer2", "layer3", "layer4")
    assert len(found.conditions) == 1 + 5 * len(KINDS)
    ranks = pd.read_csv(RANKS)[spec.name][::EVERY]
    assert abs(found.unchanged.right - (ranks == 0).sum()) <= DIFFERENT
    assert found.unchanged.images == len(ranks) == 982
    assert "Imagenette" in found.reference
    text = " ".join(
        (ROOT / "assets" / "docs" / "statistics.md").read_text(encoding="utf-8").split()
    )
    (constant,) = (one for one in found.conditions if (one.kind, one.where) == ("reference", "all"))
    points = 100 * (found.unchanged.top1 - constant.top1)
    assert f"worth {points:.1f} points of top-1" in text
    assert shipped_accuracy(spec.name, "0" * 64, NEED) is None
    assert shipped_accuracy("resnet_tiny_none", "0" * 64, PRUNING) is None


@pytest.mark.parametrize("name", ["eca_resnet18_imagenette", "resnet_tiny_se"])
def test_ranked_images_have_the_gates_that_are_told(name: str, imagenette: Path) -> None:
    network = load_network(name)
    found = shipped_statistics(name, network.record.sha256)
    assert found is not None
    private, last = network.private(), found.layers[-1]
    folder = imagenette / found.folder
    for channel in range(IMAGES):
        for image in (last.highest[channel][0], last.lowest[channel][0]):
            read = read_image(folder / image.path)
            assert read.sha256 == image.sha256
            _, attention = attend(private, network.spec.preprocess.see(read)[1])
            gate = attention[-1].weights[0, channel]
            np.testing.assert_allclose(gate, image.value, atol=1e-4)
