"""Weight files: what is written is read again, and what is wrong is said."""

from pathlib import Path

import pytest
import torch
from torch import nn

from eca_viz.errors import NetworkError
from eca_viz.networks.files.trusted import digest, read_weights, write_weights
from eca_viz.networks.state import load_weights, prepare


@pytest.fixture
def module() -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4))


def test_round_trip_in_half_precision(module: nn.Module, tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    write_weights(module, path, {"seed": 3, "labels": ["a"], "more": "ü"})
    tensors, metadata = read_weights(path, digest(path))
    assert metadata == {"seed": 3, "labels": ["a"], "more": "ü"}
    for key, value in module.state_dict().items():
        expected = value.half() if value.is_floating_point() else value
        torch.testing.assert_close(tensors[key], expected, rtol=0, atol=0)
    assert list(tmp_path.iterdir()) == [path]


def test_another_digest_is_refused(module: nn.Module, tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    write_weights(module, path, {})
    with pytest.raises(NetworkError, match="has the sha256"):
        read_weights(path, "0" * 64)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match="cannot be read"):
        read_weights(tmp_path / "none.safetensors", "0" * 64)


def test_another_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(b"not tensors at all")
    with pytest.raises(NetworkError, match="is not a safetensors file"):
        read_weights(path, digest(path))


def test_weights_that_do_not_fit_are_named(module: nn.Module) -> None:
    tensors = module.state_dict()
    tensors["0.weight"] = torch.zeros(4, 5, 1, 1)
    tensors["stranger"] = tensors.pop("1.bias")
    with pytest.raises(NetworkError) as caught:
        load_weights(module, tensors, "net")
    assert "0.weight is (4, 5, 1, 1) instead of (4, 3, 1, 1)" in str(caught.value)
    assert "1.bias is missing" in str(caught.value)
    assert "stranger is unexpected" in str(caught.value)


def test_prepared_networks_are_frozen(module: nn.Module) -> None:
    prepared = prepare(module.half())
    assert not prepared.training
    assert all(not p.requires_grad and p.dtype == torch.float32 for p in prepared.parameters())


def test_the_same_weights_give_the_same_file(module: nn.Module, tmp_path: Path) -> None:
    digests = set()
    for number in range(8):
        path = tmp_path / f"{number}.safetensors"
        write_weights(module, path, {"a": 1, "b": 2, "c": 3})
        digests.add(digest(path))
    assert len(digests) == 1
