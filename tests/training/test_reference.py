"""What is measured on every ninth or third training image and every fourth validation image."""

from pathlib import Path

import pytest
from safetensors.numpy import load_file

from eca_viz.errors import DataError
from eca_viz.networks.registry import NETWORKS
from eca_viz.training import evaluate, reference
from eca_viz.training.reference import write_references


def test_every_bundled_network_with_attention_gets_a_file(
    small_imagenette: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = [spec for spec in NETWORKS if spec.name in {"resnet_tiny_none", "resnet_tiny_eca"}]
    monkeypatch.setattr(reference, "NETWORKS", chosen)
    monkeypatch.setattr(evaluate, "NETWORKS", chosen)
    ranks, gates, familiar = write_references(small_imagenette, tmp_path / "new")
    assert ranks.name == "validation_ranks.csv"
    header, *rows = ranks.read_text(encoding="utf-8").splitlines()
    assert header == "label,resnet_tiny_none,resnet_tiny_eca"
    assert [row.split(",")[0] for row in rows] == [str(label) for label in range(10)]
    assert gates.name == "gates_resnet_tiny_eca.safetensors"
    assert {len(mean) for mean in load_file(gates).values()} == {32, 64, 128}
    assert familiar.name == "familiarity_resnet_tiny_eca.safetensors"
    shapes = {name: array.shape for name, array in load_file(familiar).items()}
    assert shapes["neighbours"][0] == len(load_file(familiar)["nearness"]) == 7
    assert shapes["scores"] == (3,)


def test_without_data_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no Imagenette in"):
        next(iter(write_references(tmp_path, tmp_path)))
