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
from eca_viz.records.need import AT_RANDOM, NEED, PRUNING, FolderAccuracy
from eca_viz.statistics.conditions import (
    BY_EFFECT,
    BY_GATE,
    SEEDS,
    need_conditions,
    pruning_conditions,
)
from eca_viz.statistics.shipped import shipped_accuracy, shipped_statistics
from tests.ui.factories import ROOT

WITH_ATTENTION = [spec for spec in NETWORKS if spec.name != "resnet_tiny_none"]
# Of 3,925 images, those whose class may differ: sums are rounded differently between processors.
DIFFERENT = 3
IMAGES = 6


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


@pytest.mark.parametrize("what", [NEED, PRUNING])
@pytest.mark.parametrize("spec", WITH_ATTENTION, ids=lambda spec: spec.name)
def test_accuracies_are_of_the_shipped_networks(spec: NetworkSpec, what: str) -> None:
    found = shipped_accuracy(spec.name, spec.sha256, what)
    assert found is not None
    assert found.stages == ("layer1", "layer2", "layer3", "layer4")
    statistics = shipped_statistics(spec.name, spec.sha256)
    assert statistics is not None
    network = load_network(spec.name)
    wanted = need_conditions(network) if what == NEED else pruning_conditions(statistics)
    assert [(one.kind, one.where, one.share) for one in found.conditions] == [
        (one.kind, one.where, one.share) for one in wanted
    ]
    ranks = pd.read_csv(RANKS)[spec.name]
    assert abs(found.unchanged.right - (ranks == 0).sum()) <= DIFFERENT
    assert {one.images for one in found.conditions} == {len(ranks)} == {3925}
    assert ("Imagenette" in found.reference) == (what == NEED)
    assert shipped_accuracy(spec.name, "0" * 64, what) is None


def test_without_attention_no_accuracies_are_shipped() -> None:
    spec = find_network("resnet_tiny_none")
    assert shipped_accuracy(spec.name, spec.sha256, NEED) is None
    assert shipped_accuracy(spec.name, spec.sha256, PRUNING) is None


def points(found: FolderAccuracy, kind: str, share: float = 0.0) -> float:
    """Points of top-1 that a change in all layers costs."""
    (one,) = (
        one for one in found.conditions if (one.kind, one.where, one.share) == (kind, "all", share)
    )
    return 100 * (found.unchanged.top1 - one.top1)


def test_the_documentation_tells_what_is_shipped() -> None:
    words = (ROOT / "assets" / "docs" / "statistics.md").read_text(encoding="utf-8").split()
    text, spec = " ".join(words), find_network(DEFAULT_NETWORK)
    need = shipped_accuracy(spec.name, spec.sha256, NEED)
    pruned = shipped_accuracy(spec.name, spec.sha256, PRUNING)
    assert need is not None
    assert pruned is not None
    worth = f"{points(need, 'reference'):.1f}"
    assert f"worth {worth} points of top-1" in text
    short = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    assert f"worth {worth} points of top-1" in short
    chinese = (ROOT / "assets" / "README.zh.md").read_text(encoding="utf-8")
    assert f"贡献 {worth} 个百分点" in chinese
    effect, gate = (points(pruned, kind, 0.25) for kind in (BY_EFFECT, BY_GATE))
    chance = [points(pruned, f"{AT_RANDOM} {seed}", 0.25) for seed in range(SEEDS)]
    assert f"costs {effect:.1f} points where they are those of weakest effect" in text
    assert f"{gate:.1f} where they are those of smallest mean gate" in text
    assert f"{min(chance):.1f} to {max(chance):.1f} at random" in text


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
