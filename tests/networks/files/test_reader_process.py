"""Processes that read checkpoints: one waits for the next, and nothing of a bad one stays."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import torch
from torch import nn

from eca_viz.errors import NetworkError
from eca_viz.networks.files import reader_process
from eca_viz.networks.files.untrusted import open_weights
from tests.factories import save_bare
from tests.hostile.weight_files import code, nested_tuples

pytestmark = pytest.mark.skipif(not reader_process.COPIES, reason="a process each, on this system")


@pytest.fixture(autouse=True)
def no_process_waits() -> Iterator[None]:
    reader_process._end()
    yield
    reader_process._end()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "good.pth"
    save_bare(nn.Linear(2, 2), found)
    return found


def waiting() -> list[int]:
    return [one._process.pid for one in reader_process._idle]


def running(group: int) -> list[str]:
    """The processes of a group that have not ended; what Linux says of each."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            said = path.read_text()
            state, _, owner = said.rpartition(")")[2].split()[:3]
            if int(owner) == group and state not in "ZX":
                found.append(said)
    return found


def test_one_process_reads_one_after_the_other(path: Path, tmp_path: Path) -> None:
    open_weights(path)
    first = waiting()
    assert len(first) == 1
    bad = tmp_path / "bad.pth"
    code(bad)
    with pytest.raises(NetworkError, match="none of which was run"):
        open_weights(bad)
    open_weights(path)
    assert waiting() == first


def test_two_at_once_have_a_process_each(path: Path) -> None:
    threads = [threading.Thread(target=open_weights, args=[path]) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(waiting())) == 2


def test_one_that_has_ended_is_replaced(path: Path) -> None:
    open_weights(path)
    (first,) = waiting()
    os.kill(first, signal.SIGKILL)
    assert open_weights(path).tensors.keys() == {"weight", "bias"}
    assert first not in waiting()


def test_what_takes_too_long_on_the_clock_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, ended = tmp_path / "slow.pth", list[int]()
    nested_tuples(path)
    kill = reader_process._Waiting._kill

    def note(self: reader_process._Waiting) -> None:
        if not ended:
            ended.append(self._process.pid)
            assert len(running(ended[0])) == 2  # itself, and its copy that reads
        kill(self)

    monkeypatch.setattr(reader_process._Waiting, "_kill", note)
    with pytest.raises(TimeoutError):
        reader_process.read(path, tmp_path / "out", 60, timeout=5)
    assert waiting() == []
    end = time.monotonic() + 10
    while running(ended[0]) and time.monotonic() < end:
        time.sleep(0.1)
    assert running(ended[0]) == []


def test_one_that_cannot_start_is_no_crash(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader_process, "_PROGRAM", (sys.executable, "-c", "raise SystemExit(7)"))
    assert reader_process.read(path, tmp_path / "out", 5, timeout=5) == (7, "")
    with pytest.raises(NetworkError, match="is damaged or incomplete"):
        open_weights(path)


def test_without_copies_it_is_the_same(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = open_weights(path).tensors
    monkeypatch.setattr(reader_process, "COPIES", False)
    reader_process._end()
    found = open_weights(path).tensors
    assert waiting() == []
    for name, tensor in expected.items():
        assert torch.equal(found[name], tensor)
    with pytest.raises(TimeoutError):
        reader_process.read(path, tmp_path / "out", 5, timeout=0.1)


def test_it_ends_when_nothing_comes() -> None:
    program = "from eca_viz.networks.files import unpickle; unpickle.IDLE = 0.1; unpickle.serve()"
    start = time.monotonic()
    process = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE)
    assert process.wait(timeout=60) == 0
    assert time.monotonic() - start < 60
    assert process.stdin
    process.stdin.close()


def test_a_forked_child_leaves_its_parents_process(path: Path) -> None:
    open_weights(path)
    before = waiting()
    child = os.fork()
    if child == 0:
        os._exit(len(waiting()))
    assert os.waitpid(child, 0)[1] == 0
    open_weights(path)
    assert waiting() == before
