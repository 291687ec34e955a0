"""The engine on a local Ray with two actors: the same file, also when one of them is killed."""

import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from eca_viz.benchmark import statistics as benchmark
from eca_viz.cli.main import main
from eca_viz.errors import DataError
from eca_viz.networks.spec import Network
from eca_viz.records import FolderStatistics
from eca_viz.statistics import engine as engines
from eca_viz.statistics.engine import Chunk, Result, Task
from eca_viz.statistics.files import read_statistics
from eca_viz.statistics.local import local
from eca_viz.statistics.need import attention_need
from eca_viz.statistics.on_ray import on_ray
from eca_viz.statistics.run import folder_statistics
from tests.statistics.same import assert_same


@pytest.fixture(scope="module")
def local_result(small: Network, folder: Path) -> FolderStatistics:
    return folder_statistics(folder, small, engine=local(0))


@pytest.fixture(scope="module", autouse=True)
def ray_ends() -> Iterator[None]:
    yield
    import ray

    ray.shutdown()


def test_two_actors_give_the_same(
    small: Network,
    folder: Path,
    local_result: FolderStatistics,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engines, "CHUNK", 48)
    assert_same(folder_statistics(folder, small, engine=on_ray()), local_result)


def test_a_killed_actor_changes_nothing(
    small: Network,
    folder: Path,
    local_result: FolderStatistics,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engines, "CHUNK", 16)
    killed = []

    def run(task: Task, place: Path, wanted: Sequence[Chunk]) -> Iterator[Result]:
        for result in on_ray()(task, place, wanted):
            if not killed:
                found = subprocess.run(
                    ["pgrep", "-f", "ray::MapWorker"], check=True, capture_output=True, text=True
                )
                killed.append(int(found.stdout.split()[0]))
                os.kill(killed[0], signal.SIGKILL)
            yield result

    out = tmp_path / "s.parquet"
    folder_statistics(folder, small, out=out, engine=run)
    assert killed
    assert_same(read_statistics(out), local_result)


def test_accuracies_are_the_same(small: Network, folder: Path, tmp_path: Path) -> None:
    a = attention_need(folder, small, out=tmp_path / "a.parquet", engine=local(0))
    b = attention_need(folder, small, out=tmp_path / "b.parquet", engine=on_ray(actors=1))
    assert a == b


def test_the_command_takes_the_engine(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "s.parquet"
    arguments = ["statistics", str(folder / "church"), "--network", "resnet_tiny_eca"]
    arguments += ["--engine", "ray", "--actors", "1", "--out", str(out)]
    assert main(arguments) == 0
    assert read_statistics(out).images == 100


def test_the_benchmark_measures_all_with_few_images(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "CHUNK", 4)
    monkeypatch.setattr(benchmark, "WARM_UP", 4)
    monkeypatch.setattr(benchmark, "SMALL", 4)
    found = list(benchmark.time_statistics(counts=(8, 12), count=16))
    assert [one.what for one in found] == [
        "statistics of 16 images, against a DataLoader and hooks that read ω",
        "time an image of 12 images, against 8",
        "peak memory with 12 images, against 8",
        "time an image on Ray with 1 actor, against local",
        "time an image on Ray with 2 actors in chunks of 4, against local",
    ]
    assert all(one.measured > 0 and one.baseline > 0 for one in found)


def test_a_missing_cluster_gets_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    import ray

    from eca_viz.statistics.on_ray import _started

    ray.shutdown()
    monkeypatch.setenv("RAY_ADDRESS", "")
    with pytest.raises(DataError, match=r"no Ray cluster answers at 127.0.0.1:1 .*ray start"):
        _started("127.0.0.1:1")
