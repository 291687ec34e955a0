"""Weight files that anyone may have sent."""

import os
import re
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from eca_viz import load_network
from eca_viz.errors import NetworkError
from eca_viz.networks.files import tensor_file
from eca_viz.networks.files import untrusted as weight_file
from eca_viz.networks.files.trusted import digest
from eca_viz.networks.files.unpickle import strip_prefixes
from eca_viz.networks.files.untrusted import open_weights
from tests.factories import (
    Save,
    save_bare,
    save_old_training_checkpoint,
    save_safetensors,
    save_training_checkpoint,
)
from tests.hostile.weight_files import FILES, HARM, Make


@pytest.mark.parametrize(("make", "words"), FILES, ids=lambda value: getattr(value, "__name__", ""))
def test_hostile_files_get_a_sentence_and_nothing_runs(
    make: Make, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weight_file, "SECONDS", 3)
    path = tmp_path / "weights.pth"
    make(path)
    with pytest.raises(NetworkError) as caught:
        load_network(path)
    assert re.search(words, str(caught.value)), str(caught.value)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 600
    assert not (tmp_path / HARM).exists()


@pytest.mark.parametrize(
    "save", [save_bare, save_training_checkpoint, save_old_training_checkpoint, save_safetensors]
)
def test_tensors_come_out_as_they_were(save: Save, tmp_path: Path) -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4))
    path = tmp_path / "any.name"
    save(model, path)
    weights = open_weights(path, "mine.pth")
    assert weights.name == "mine.pth"
    assert weights.sha256 == digest(path)
    assert weights.tensors.keys() == model.state_dict().keys()
    for key, value in model.state_dict().items():
        torch.testing.assert_close(weights.tensors[key], value, rtol=0, atol=0)


@pytest.mark.parametrize("wrapper", ["state_dict", "model", "model_state_dict", "net"])
def test_wrappers_are_looked_into(wrapper: str, tmp_path: Path) -> None:
    path = tmp_path / "w.pth"
    torch.save({"epoch": 1, wrapper: {"a": torch.ones(2)}, "scheduler": {"x": 1}}, path)
    assert open_weights(path).tensors.keys() == {"a"}


def test_prefixes_are_taken_off_only_where_all_have_them() -> None:
    tensors = {"module._orig_mod.a": torch.ones(1), "module._orig_mod.b": torch.ones(1)}
    assert strip_prefixes(tensors).keys() == {"a", "b"}
    assert strip_prefixes({"module.a": torch.ones(1), "b": torch.ones(1)}).keys() == {
        "module.a",
        "b",
    }


def test_a_safetensors_file_that_is_cut_short_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mapped file would end the process (SIGBUS)."""
    path = tmp_path / "w.safetensors"
    save_file({"a": torch.ones(2**20), "b": torch.ones(2**20)}, path)
    places = tensor_file._check_places

    def cut(*given: Any) -> None:
        places(*given)
        os.truncate(path, 2**20)

    monkeypatch.setattr(tensor_file, "_check_places", cut)
    with pytest.raises(NetworkError, match=r"its header says \(it ends before its last tensor\)"):
        open_weights(path)


def test_tensors_stay_when_their_file_is_cut_short_or_gone(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    save_file({"a": torch.ones(2**20)}, path)
    tensors = open_weights(path).tensors
    os.truncate(path, 0)
    path.unlink()
    assert float(tensors["a"].sum()) == 2**20


def test_a_checkpoint_that_changes_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "w.pth"
    save_bare(nn.Linear(2, 2), path)
    read = weight_file._read_pickle

    def change(given: Path) -> dict[str, Tensor]:
        found = read(given)
        save_bare(nn.Linear(3, 3), path)
        return found

    monkeypatch.setattr(weight_file, "_read_pickle", change)
    with pytest.raises(NetworkError, match="w.pth changed while it was read"):
        open_weights(path)


def test_every_kind_of_number_is_read_as_the_library_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    given = {
        name: torch.arange(-3, 9).reshape(3, 1, 4).to(dtype)
        for name, dtype in tensor_file.DTYPES.items()
    }
    given |= {"scalar": torch.tensor(2.5), "none": torch.zeros(0, 7)}
    save_file(given, path, {"some": "text"})
    with path.open("rb") as file:
        found, texts = tensor_file.read_tensors(file, path.stat().st_size)
    theirs = load_file(path)
    assert texts == {"some": "text"}
    assert found.keys() == theirs.keys()
    for name, tensor in theirs.items():
        assert (found[name].dtype, found[name].shape) == (tensor.dtype, tensor.shape)
        assert torch.equal(found[name], tensor)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match=r"none.pth cannot be read \(No such file"):
        open_weights(tmp_path / "none.pth")


def test_a_file_that_is_too_large_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "w.pth"
    save_bare(nn.Linear(2, 2), path)
    monkeypatch.setattr(weight_file, "MAX_BYTES", 100)
    with pytest.raises(NetworkError, match="and at most 0 GB are accepted"):
        open_weights(path)
