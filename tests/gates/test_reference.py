"""Reference gates: shipped ones belong to their network, others come from the samples."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open

import eca_viz
from eca_viz.errors import GateError
from eca_viz.gates import reference
from eca_viz.gates.forward import attend
from eca_viz.gates.reference import mean_gates, reference_gates
from eca_viz.images.samples import SAMPLES
from eca_viz.networks.files.trusted import digest
from eca_viz.networks.loading import load_network
from eca_viz.networks.registry import NETWORKS
from eca_viz.paths import STATISTICS
from eca_viz.storage.shipped_arrays import SUMS
from eca_viz.training.reference import write_mean_gates

WITH_ATTENTION = [spec.name for spec in NETWORKS if spec.name != "resnet_tiny_none"]


@pytest.mark.parametrize("name", WITH_ATTENTION)
def test_the_shipped_ones_are_those_of_the_shipped_networks(name: str) -> None:
    network = load_network(name)
    found = reference_gates(network)
    assert "Imagenette" in found.source
    assert found.images > 1000
    layers = {layer.name: layer for layer in eca_viz.find_attention(network.module)}
    assert set(found.gates) == set(layers)
    record = attend(network.private(), torch.zeros(1, 3, 64, 64))[1]
    for one in record:
        gates = found.gates[one.layer]
        assert gates.shape == (one.channels,)
        assert ((gates > 0) & (gates < 1)).all()


def test_means_are_means_over_all_batches() -> None:
    network = load_network("resnet_tiny_eca")
    inputs = torch.randn(5, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    private = network.private()
    gates, images = mean_gates(attend(private, batch)[1] for batch in inputs.split(2))
    assert images == 5
    for record in attend(network.private(), inputs)[1]:
        np.testing.assert_allclose(gates[record.layer], record.weights.mean(0), rtol=1e-5)


def test_another_network_has_them_from_the_samples() -> None:
    shipped = load_network("resnet_tiny_se")
    other = dataclasses.replace(
        shipped, record=dataclasses.replace(shipped.record, sha256="0" * 64)
    )
    found = reference_gates(other)
    assert found.source == f"the {len(SAMPLES)} sample images"
    inputs = torch.cat([shipped.spec.preprocess.see(sample.read())[1] for sample in SAMPLES])
    for record in attend(shipped.private(), inputs)[1]:
        np.testing.assert_allclose(found.gates[record.layer], record.weights.mean(0), rtol=1e-4)
    assert reference_gates(other) is found


def test_what_is_written_is_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = load_network("resnet_tiny_eca")
    record = dataclasses.replace(shipped.record, sha256="1" * 64)
    network = dataclasses.replace(shipped, record=record)
    black = [torch.zeros(2, 3, 32, 32)]
    path = write_mean_gates(network, black, "two black squares", tmp_path)
    monkeypatch.setattr(reference, "STATISTICS", tmp_path)
    found = reference_gates(network)
    assert (found.source, found.images) == ("two black squares", 2)
    with safe_open(path, "np") as file:
        assert file.metadata()["network_sha256"] == "1" * 64


def test_damaged_ones_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network = load_network("resnet_tiny_eca")
    monkeypatch.setattr(reference, "STATISTICS", tmp_path)
    path = tmp_path / reference.reference_file(network.record.name)
    data = (STATISTICS / path.name).read_bytes()
    sums = (STATISTICS / SUMS).read_bytes()
    (tmp_path / SUMS).write_bytes(sums)
    for damaged in (data[:-4], data[:-4] + b"abcd", b"", b"\xff" * 8):
        path.write_bytes(damaged)
        reference_gates.cache_clear()
        with pytest.raises(GateError, match=r"sha256 \w{12}… instead of \w{12}…, so it is not"):
            reference_gates(network)
    path.write_bytes(data)
    (tmp_path / SUMS).write_bytes(sums.replace(path.name.encode(), b"another"))
    with pytest.raises(GateError, match="instead of unknown"):
        reference_gates(network)
    (tmp_path / SUMS).write_bytes(sums)
    assert "Imagenette" in reference_gates(network).source


def test_all_that_are_shipped_have_their_digest() -> None:
    lines = (STATISTICS / SUMS).read_text(encoding="utf-8").splitlines()
    found = {path.name: digest(path) for path in STATISTICS.glob("*.safetensors")}
    assert {line[66:]: line[:64] for line in lines} == found


def test_mean_gates_put_in_place_of_an_images_own() -> None:
    network = load_network("eca_resnet18_imagenette")
    explanation = eca_viz.explain(SAMPLES[0].read(), network, (), gates="layer4:reference")
    means = reference_gates(network).gates
    for record in explanation.attention:
        same = np.allclose(record.weights[0], means[record.layer], atol=1e-6)
        assert same == (record.stage == "layer4")


def test_the_same_weights_under_another_name_are_another_network() -> None:
    """An uploaded copy of a shipped file must not change the shipped network's mean gates."""
    shipped = load_network("resnet_tiny_se_gc1")
    record = dataclasses.replace(shipped.record, name="x" * 300)
    assert "sample images" in reference_gates(dataclasses.replace(shipped, record=record)).source
    assert "Imagenette" in reference_gates(shipped).source
