"""Networks by name, and the file behind the bundled one."""

import dataclasses
import threading
from pathlib import Path

import pytest
import torch

from eca_viz import load_network
from eca_viz.errors import NetworkError
from eca_viz.networks import registry
from eca_viz.networks.files.trusted import digest
from eca_viz.networks.registry import NETWORKS
from eca_viz.networks.spec import NetworkSpec
from eca_viz.paths import ASSETS
from eca_viz.progress import silent

by_name = pytest.mark.parametrize("spec", NETWORKS, ids=lambda spec: spec.name)


def weights_of(spec: NetworkSpec) -> Path:
    assert spec.fetch is not None
    assert spec.on_disk()
    return spec.fetch(silent)


def test_names_are_distinct() -> None:
    assert len({spec.name for spec in NETWORKS}) == len(NETWORKS)


@by_name
def test_loads_ready_to_explain(spec: NetworkSpec) -> None:
    network = load_network(spec.name)
    assert network.spec is spec
    assert not network.module.training
    assert not any(p.requires_grad for p in network.module.parameters())
    network.module.get_submodule(spec.gradcam_layer)
    side = spec.preprocess.crop
    with torch.no_grad():
        assert network.module(torch.zeros(1, 3, side, side)).shape == (1, spec.classes)


@by_name
def test_metadata_in_the_file_agrees_with_the_register(spec: NetworkSpec) -> None:
    metadata = load_network(spec.name).metadata
    assert metadata["labels"] == list(spec.labels())
    assert metadata["top1"] == spec.accuracy
    assert {"recipe", "data", "date", "versions", "seed"} <= metadata.keys()


@by_name
def test_sources_names_the_file_and_its_digest(spec: NetworkSpec) -> None:
    sources = (ASSETS / "SOURCES.md").read_text(encoding="utf-8")
    path = weights_of(spec)
    assert path.name in sources
    assert digest(path) == spec.sha256
    assert spec.sha256 in sources
    assert f"{spec.accuracy:.4f}" in sources


def test_is_loaded_once_also_by_several_threads() -> None:
    found: list[object] = []
    threads = [
        threading.Thread(target=lambda: found.append(load_network(NETWORKS[0].name)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(map(id, found))) == 1


def test_an_unknown_name_is_answered_with_the_valid_ones() -> None:
    with pytest.raises(NetworkError, match="'resnet'; .*eca_resnet18_imagenette"):
        load_network("resnet")


def test_a_changed_file_is_not_loaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    copy = tmp_path / "weights.safetensors"
    copy.write_bytes(weights_of(NETWORKS[0]).read_bytes()[:-1] + b"\x01")
    changed = dataclasses.replace(NETWORKS[0], name="changed", fetch=lambda progress: copy)
    monkeypatch.setattr(registry, "NETWORKS", (changed,))
    with pytest.raises(NetworkError, match="not the file that was shipped"):
        load_network("changed")
