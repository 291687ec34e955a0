"""What is written is there as a whole or not at all, and temporary folders do not stay."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from eca_viz.storage import scratch
from eca_viz.storage.scratch import PREFIX, replacing, scratch_folder, sweep

HOLD = """
import os, signal, sys
from eca_viz.cli import networks
from eca_viz.cli.main import main
from eca_viz.storage.scratch import scratch_folder

def hold(options):
    with scratch_folder() as folder:
        (folder / "a").touch()
        os.kill(os.getpid(), int(sys.argv[1]))
        signal.pause()

networks._networks = hold
sys.exit(main(["networks"]))
"""


def test_a_file_is_replaced_in_one_step(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("before")
    with replacing(path) as partial:
        partial.write_text("after")
        assert path.read_text() == "before"
        assert partial.parent == tmp_path
    assert path.read_text() == "after"
    assert list(tmp_path.iterdir()) == [path]
    mode, plain = path.stat().st_mode, tmp_path / "plain"
    plain.touch()
    assert mode == plain.stat().st_mode


def fail_in(partial: Path, folder: bool, error: type[BaseException]) -> None:
    if folder:
        partial.mkdir()
    (partial / "b" if folder else partial).write_text("half")
    raise error


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt, SystemExit])
def test_what_fails_leaves_nothing(error: type[BaseException], tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("before")
    for folder in (False, True):
        with pytest.raises(error), replacing(path) as partial:
            fail_in(partial, folder, error)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    place = tmp_path / "a"
    place.mkdir()
    (place / "theirs").touch()
    with pytest.raises(OSError, match="not empty|exists|directory"), replacing(place) as partial:
        partial.mkdir()
    assert [path.name for path in tmp_path.rglob("*")] == ["a", "theirs"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's folder for temporary files."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def ended(by: signal.Signals) -> int:
    """The exit code of a command that is ended while it has a folder."""
    return subprocess.run([sys.executable, "-c", HOLD, str(int(by))], check=False).returncode


def test_a_process_that_is_terminated_removes_its_own(folder: Path) -> None:
    assert ended(signal.SIGTERM) == 143
    assert list(folder.iterdir()) == []
    assert ended(signal.SIGINT) == 130
    assert list(folder.iterdir()) == []


def test_folders_of_killed_processes_are_swept(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ended(signal.SIGKILL) == -9
    (left,) = folder.iterdir()
    sweep()
    assert left.exists()  # it may be a moment old, and its process about to hold it
    hour = time.time() - 3600
    for other in (folder / f"{PREFIX}file", folder / "another"):
        other.touch()
        os.utime(other, (hour, hour))
    (folder / f"{PREFIX}link").symlink_to(folder)
    os.utime(left, (hour, hour))
    monkeypatch.setattr(scratch, "_swept", set())
    with scratch_folder() as held:
        os.utime(held, (hour, hour))
        assert not left.exists()
        code = "from eca_viz.storage.scratch import sweep; sweep()"
        subprocess.run([sys.executable, "-c", code], check=True)
        assert held.is_dir()
    names = {path.name for path in folder.iterdir()}
    assert names == {f"{PREFIX}file", f"{PREFIX}link", "another"}


def test_a_forked_child_leaves_its_parents_folders(folder: Path) -> None:
    code = (
        "import os, sys\n"
        "from eca_viz.storage.scratch import scratch_folder\n"
        "with scratch_folder() as folder:\n"
        "    child = os.fork()\n"
        "    if not child:\n"
        "        sys.exit()\n"
        "    os.waitpid(child, 0)\n"
        "    assert folder.is_dir()\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
