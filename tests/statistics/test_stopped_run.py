"""A run over a folder that is stopped, or whose processes are killed, goes on where it was."""

import itertools
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from eca_viz.errors import DataError
from eca_viz.networks.spec import Network
from eca_viz.records import FolderStatistics
from eca_viz.statistics import engine as engines
from eca_viz.statistics import local as local_engine
from eca_viz.statistics.engine import Chunk, Engine, Result, Task
from eca_viz.statistics.files import images_file, read_statistics
from eca_viz.statistics.local import local
from eca_viz.statistics.run import folder_statistics
from tests.statistics.same import assert_same

ROOT = Path(__file__).parents[2]


def failing(inner: Engine, after: int) -> Engine:
    """Ends with Ctrl-C after some chunks."""

    def run(task: Task, folder: Path, wanted: Sequence[Chunk]) -> Iterator[Result]:
        yield from itertools.islice(inner(task, folder, wanted), after)
        raise KeyboardInterrupt

    return run


def noting(numbers: list[int]) -> Engine:
    def run(task: Task, folder: Path, wanted: Sequence[Chunk]) -> Iterator[Result]:
        numbers.extend(chunk.number for chunk in wanted)
        return local(0)(task, folder, wanted)

    return run


def test_a_stopped_run_goes_on_and_computes_nothing_twice(
    found: FolderStatistics,
    small: Network,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engines, "CHUNK", 64)
    out = tmp_path / "s.parquet"
    with pytest.raises(KeyboardInterrupt):
        folder_statistics(folder, small, out=out, effects=True, engine=failing(local(0), 2))
    assert not out.exists()
    numbers: list[int] = []
    reports: list[tuple[str, float]] = []
    done = folder_statistics(
        folder,
        small,
        out=out,
        effects=True,
        engine=noting(numbers),
        progress=lambda what, share: reports.append((what, share)),
    )
    assert numbers == [2, 3, 4]
    assert reports[0] == ("128 of 300 images", 128 / 300)
    assert reports[-1][1] == 1
    assert "images/s, 0 s left" in reports[-1][0]
    assert_same(done, found)
    assert_same(read_statistics(out), found)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["s.images.parquet", "s.parquet"]
    rows = pd.read_parquet(images_file(out))
    assert rows["path"].tolist() == sorted(rows["path"])
    assert (rows["problem"] == "").all()
    gate = rows[f"mean_gate.{found.layers[0].layer}"]
    assert gate.mean() == pytest.approx(found.layers[0].total.mean.mean(), rel=1e-6)


def killing(inner: Engine, times: int) -> Engine:
    """Kills the processes that decode, in the third batch and then always in the first."""

    def run(task: Task, folder: Path, wanted: Sequence[Chunk]) -> Iterator[Result]:
        before = set(multiprocessing.active_children())
        left = times
        load = local_engine._loader

        def loader(*given: Any) -> Any:
            nonlocal left
            for number, batch in enumerate(load(*given)):
                if left and number == (2 if left == times else 0):
                    left -= 1
                    mine = [one for one in multiprocessing.active_children() if one not in before]
                    for one in mine:
                        one.kill()
                    time.sleep(5.0)  # ends as soon as PyTorch notices, with its error
                yield batch

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(local_engine, "_loader", loader)
            yield from inner(task, folder, wanted)

    return run


def test_processes_that_are_killed_are_replaced(
    found: FolderStatistics, small: Network, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "CHUNK", 32)
    engine = killing(local(2), local_engine.ATTEMPTS - 1)
    assert_same(folder_statistics(folder, small, effects=True, engine=engine), found)


def test_processes_that_are_killed_while_a_result_is_written_are_replaced(
    found: FolderStatistics, small: Network, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "CHUNK", 32)
    killed = []

    def engine(task: Task, wanted_in: Path, wanted: Sequence[Chunk]) -> Iterator[Result]:
        before = set(multiprocessing.active_children())
        for result in local(2)(task, wanted_in, wanted):
            if not killed:
                killed.extend(set(multiprocessing.active_children()) - before)
                for one in killed:
                    one.kill()
                time.sleep(1.0)  # an error of PyTorch's would come now
            yield result

    assert_same(folder_statistics(folder, small, effects=True, engine=engine), found)
    assert killed


def test_processes_that_are_killed_each_time_get_a_sentence_and_what_is_done_is_kept(
    found: FolderStatistics,
    small: Network,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engines, "CHUNK", 16)
    out = tmp_path / "s.parquet"
    engine = killing(local(2), 1 + local_engine.ATTEMPTS)
    with pytest.raises(DataError, match="were ended 3 times, mostly for want of memory"):
        folder_statistics(folder, small, out=out, effects=True, engine=engine)
    numbers: list[int] = []
    done = folder_statistics(folder, small, out=out, effects=True, engine=noting(numbers))
    assert numbers == list(range(2, 19))
    assert_same(done, found)


def test_another_run_in_the_same_place_is_refused(
    small: Network, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "CHUNK", 64)
    out = tmp_path / "s.parquet"
    with pytest.raises(KeyboardInterrupt):
        folder_statistics(folder, small, out=out, engine=failing(local(0), 1))
    with pytest.raises(DataError, match=r"part of another run \(effects False, now True\)"):
        folder_statistics(folder, small, out=out, effects=True, engine=local(0))
    state = tmp_path / "s.parquet.part" / "state.safetensors"
    state.write_bytes(state.read_bytes()[:100])
    with pytest.raises(DataError, match="is damaged"):
        folder_statistics(folder, small, out=out, engine=local(0))


COMMAND = """
import sys
from eca_viz.statistics import engine
engine.CHUNK = 16
from eca_viz.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


def test_the_command_stopped_and_called_again(folder: Path, tmp_path: Path) -> None:
    """Ctrl-C in the terminal reaches the processes that decode as well."""
    out = tmp_path / "s.parquet"
    command = [sys.executable, "-c", COMMAND, "statistics", str(folder), "--out", str(out)]
    command += ["--network", "resnet_tiny_eca", "--workers", "1"]
    run = subprocess.Popen(
        command, cwd=ROOT, start_new_session=True, stderr=subprocess.PIPE, text=True
    )
    state = tmp_path / "s.parquet.part" / "state.safetensors"
    while not state.exists():
        assert run.poll() is None
        time.sleep(0.02)
    os.killpg(run.pid, signal.SIGINT)
    _, errors = run.communicate(timeout=60)
    assert (run.returncode, errors) == (130, "eca_viz: stopped\n")
    assert not out.exists()
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout.splitlines()[0].startswith("300 images in 3 classes by label, top-1 ")
    assert str(out) in done.stdout
    assert read_statistics(out).images == 300
