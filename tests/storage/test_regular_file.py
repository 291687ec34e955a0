"""What is no file is refused at once, wherever a person can name one."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from eca_viz import load_network
from eca_viz.errors import DataError, EcaVizError, NetworkError
from eca_viz.networks.labels import read_labels
from eca_viz.networks.own import load_own, wrap
from eca_viz.networks.tensors import read_tensors
from eca_viz.statistics.files import read_statistics
from eca_viz.statistics.listing import list_images
from eca_viz.storage.regular_file import open_file


def _tensors(path: Path) -> object:
    model = nn.Sequential(nn.Conv2d(3, 4, 1), nn.Flatten())
    return read_tensors(path, wrap(model, example=torch.zeros(1, 3, 2, 2)))


Reads = Callable[[Path], object]
READERS: dict[str, Reads] = {
    "a.pth": load_network,
    "a.safetensors": load_network,
    "weights.pth": lambda path: load_network("timm:ecaresnet26t", weights=path),
    "labels.txt": read_labels,
    "own.py": lambda path: load_own(f"{path}:build"),
    "statistics.parquet": read_statistics,
    "table.csv": lambda path: list_images(Path.cwd(), path),
    "input.npy": _tensors,
}


@pytest.mark.parametrize("name", READERS)
def test_what_is_no_file_is_refused_at_once(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # a socket's path is short
    pipe, device, folder, linked = (tmp_path / one / name for one in ("p", "d", "f", "s"))
    for path in (pipe, device, folder, linked):
        path.parent.mkdir()
    os.mkfifo(pipe)
    device.symlink_to("/dev/zero")
    folder.mkdir()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
    linked.symlink_to(tmp_path / "socket")
    for path, words in (
        (pipe, "it is a named pipe, not a file"),
        (device, "it is a device, not a file"),
        (folder, "it is a folder, not a file"),
        (linked, "it is a socket, not a file"),
        (tmp_path / "a\0b" / name, "holds a NUL character"),
        (tmp_path / os.fsdecode(b"caf\xe9") / name, r"caf\\udce9.* cannot be read \(No such file"),
    ):
        with pytest.raises(EcaVizError, match=words) as caught:
            READERS[name](path)
        assert str(caught.value).isprintable()


def test_an_error_while_it_is_read_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.touch()
    with (
        pytest.raises(DataError, match=r"a cannot be read \(Input/output error\); try another"),
        open_file(path, DataError, "try another"),
    ):
        raise OSError(5, "Input/output error")


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*given: object) -> int:
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "a.pth"
    path.write_bytes(b"x")
    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(NetworkError, match=r"a.pth cannot be read \(Permission denied\)"):
        load_network(path)
