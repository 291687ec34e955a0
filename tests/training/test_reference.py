"""Mean gates are measured on every ninth training image."""

from pathlib import Path

import pytest
from safetensors.numpy import load_file

from eca_viz.errors import DataError
from eca_viz.networks.registry import NETWORKS
from eca_viz.training import reference
from eca_viz.training.reference import write_references


def test_every_bundled_network_with_attention_gets_a_file(
    small_imagenette: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = [spec for spec in NETWORKS if spec.name in {"resnet_tiny_none", "resnet_tiny_eca"}]
    monkeypatch.setattr(reference, "NETWORKS", chosen)
    (path,) = write_references(small_imagenette, tmp_path / "new")
    assert path.name == "gates_resnet_tiny_eca.safetensors"
    assert {len(gates) for gates in load_file(path).values()} == {32, 64, 128}


def test_without_data_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no Imagenette in"):
        next(iter(write_references(tmp_path, tmp_path)))
