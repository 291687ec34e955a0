"""Accuracy under changed gates: against plain passes, counted by hand; files and sentences."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.stats import binomtest, norm

from eca_viz.analysis.need import accuracy_table, finding, need_lines
from eca_viz.attention.mechanisms.opaque_gate import GATE
from eca_viz.errors import DataError
from eca_viz.gates.intervene import intervene
from eca_viz.gates.reference import reference_gates
from eca_viz.images.reading import read_image
from eca_viz.networks.spec import Network
from eca_viz.records import ConditionResult, FolderAccuracy, FolderStatistics
from eca_viz.statistics.accuracy_files import read_accuracy
from eca_viz.statistics.conditions import (
    BY_EFFECT,
    BY_GATE,
    KINDS,
    SHARES,
    need_conditions,
    pruning_conditions,
)
from eca_viz.statistics.local import local
from eca_viz.statistics.need import attention_need, pruning
from eca_viz.statistics.run import folder_statistics


@pytest.fixture(scope="module")
def needed(
    small: Network, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[FolderAccuracy, Path]:
    out = tmp_path_factory.mktemp("need") / "need.parquet"
    return attention_need(folder, small, out=out, engine=local(0)), out


@pytest.fixture(scope="module")
def statistics(small: Network, folder: Path) -> FolderStatistics:
    return folder_statistics(folder, small, effects=True, engine=local(0))


def logits(network: Network, folder: Path, **changes: object) -> tuple[np.ndarray, np.ndarray]:
    """Logits of the labelled images, each in a pass of its own, and their classes."""
    paths = sorted(folder.rglob("*.png"))[:200]  # those in n01440764 and church
    classes = np.array([0 if path.parent.name == "n01440764" else 1 for path in paths])
    private = network.private()
    with torch.inference_mode(), intervene(private.module, **changes):  # type: ignore[arg-type]
        found = [
            private.module(network.spec.preprocess.see(read_image(path))[1])[0] for path in paths
        ]
    return torch.stack(found).double().numpy(), classes


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("where", ["all", "attention1", "attention2"])
def test_each_condition_is_counted_as_plain_passes_are(
    needed: tuple[FolderAccuracy, Path], small: Network, folder: Path, kind: str, where: str
) -> None:
    found, _ = needed
    (one,) = (one for one in found.conditions if (one.kind, one.where) == (kind, where))
    reference = reference_gates(small).gates
    changed, classes = logits(small, folder, changes=f"{where}:{kind}", reference=reference)
    before, _ = logits(small, folder)
    right, right_before = changed.argmax(1) == classes, before.argmax(1) == classes
    assert (one.images, one.right) == (200, right.sum())
    assert (one.lost, one.won) == ((right_before & ~right).sum(), (right & ~right_before).sum())
    log = torch.tensor(changed).log_softmax(1).numpy()[np.arange(200), classes]
    assert one.log_probability == pytest.approx(log.mean(), rel=1e-4)


def test_intervals_and_tests_are_wilsons_and_mcnemars(
    needed: tuple[FolderAccuracy, Path],
) -> None:
    found, _ = needed
    z = norm.ppf(0.975)
    for one in found.conditions:
        n, p = one.images, one.top1
        centre, half = p + z**2 / (2 * n), z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
        scale = 1 + z**2 / n
        assert (one.low, one.high) == pytest.approx(
            ((centre - half) / scale, (centre + half) / scale), abs=1e-9
        )
        if one.lost + one.won:
            assert one.p_value == binomtest(one.lost, one.lost + one.won, 0.5).pvalue
    assert found.unchanged.p_value == 1


def test_images_without_a_known_label_do_not_count(
    needed: tuple[FolderAccuracy, Path], small: Network
) -> None:
    found, _ = needed
    assert found.skipped == 100
    assert found.stages == ("attention1", "attention2")
    assert len(found.conditions) == 1 + 3 * len(KINDS) == len(need_conditions(small))


def test_channels_are_not_permuted_where_the_formula_is_not_known(small: Network) -> None:
    names = {one.name for one in need_conditions(small)}
    named = dataclasses.replace(small, also=(small.layers[1].name,))
    assert [one.mechanism is GATE for one in named.layers] == [False, True]
    left = {one.name for one in need_conditions(named)}
    assert names - left == {"all:permute:0", "attention2:permute:0"}
    assert left < names


def test_the_file_gives_the_same_again(needed: tuple[FolderAccuracy, Path]) -> None:
    found, out = needed
    assert read_accuracy(out) == found
    assert len(accuracy_table(found)) == len(found.conditions)
    assert len(need_lines(found)) == 1 + len(found.conditions)
    with pytest.raises(DataError, match="holds no accuracies"):
        read_accuracy(out.with_suffix(".images.parquet"))
    (out.parent / "text.parquet").write_text("no")
    with pytest.raises(DataError, match="holds no accuracies"):
        read_accuracy(out.parent / "text.parquet")


def test_pruned_channels_are_the_weakest(
    statistics: FolderStatistics, small: Network, folder: Path, tmp_path: Path
) -> None:
    conditions = pruning_conditions(statistics)
    assert len(conditions) == 1 + 5 * len(SHARES)
    layer = statistics.layers[1]
    assert layer.effects is not None
    for one in conditions[1:]:
        factors = one.factors[layer.layer]
        assert (factors == 0).sum() == round(one.share * layer.channels)
        values = {BY_GATE: layer.total.mean, BY_EFFECT: layer.effects.magnitude}.get(one.kind)
        if values is not None:
            assert values[factors == 0].max() <= values[factors == 1].min()
    found = pruning(folder, small, statistics, out=tmp_path / "p.parquet", engine=local(0))
    (half,) = (one for one in found.conditions if (one.kind, one.share) == (BY_EFFECT, 0.5))
    (given,) = (one for one in conditions if (one.kind, one.share) == (BY_EFFECT, 0.5))
    pruned, classes = logits(small, folder, factors=given.factors)
    assert half.right == (pruned.argmax(1) == classes).sum()


def test_pruning_needs_effects_of_the_same_network(
    statistics: FolderStatistics, small: Network, folder: Path, tmp_path: Path
) -> None:
    layers = tuple(dataclasses.replace(one, effects=None) for one in statistics.layers)
    bare = dataclasses.replace(statistics, layers=layers)
    with pytest.raises(DataError, match="hold no effects"):
        pruning(folder, small, bare, out=tmp_path / "p.parquet")
    record = dataclasses.replace(statistics.network, sha256="0" * 64)
    other = dataclasses.replace(statistics, network=record)
    with pytest.raises(DataError, match="statistics of Mine with other weights"):
        pruning(folder, small, other, out=tmp_path / "p.parquet")


def test_mean_gates_can_be_those_of_statistics(
    statistics: FolderStatistics, small: Network, folder: Path, needed: tuple[FolderAccuracy, Path]
) -> None:
    assert needed[0].reference == "the 8 sample images"
    found = attention_need(folder, small, statistics, engine=local(0))
    assert found.reference == f"the 300 images of {folder}"
    means = {one.layer: one.total.mean.astype(np.float32) for one in statistics.layers}
    changed, classes = logits(small, folder, changes="all:reference", reference=means)
    (one,) = (one for one in found.conditions if (one.kind, one.where) == ("reference", "all"))
    assert one.right == (changed.argmax(1) == classes).sum()


def test_labels_must_be_classes(small: Network, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none of the labels .* \(there are none\)"):
        attention_need(folder / "church", small, out=tmp_path / "n.parquet")


def result(kind: str, right: int, lost: int, won: int, p_value: float) -> ConditionResult:
    return ConditionResult(kind, "all", 0.0, 100, right, 0.0, 1.0, -1.0, lost, won, p_value)


@pytest.mark.parametrize(
    ("constant", "words"),
    [
        (result("reference", 80, 12, 2, 0.01), "are worth 10.00 points of top-1"),
        (result("reference", 88, 3, 1, 0.6), "worth nothing that these images show"),
        (result("reference", 95, 1, 6, 0.04), "cost 5.00 points of top-1"),
    ],
)
def test_the_finding_follows_the_test(
    needed: tuple[FolderAccuracy, Path], constant: ConditionResult, words: str
) -> None:
    base, ones = result("unchanged", 90, 0, 0, 1.0), result("ones", 70, 20, 0, 1e-4)
    found = dataclasses.replace(needed[0], conditions=(base, constant, ones))
    assert words in finding(found)
    assert "70.00%" in finding(found)
