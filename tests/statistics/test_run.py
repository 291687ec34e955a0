"""Statistics of a folder: equal to all recorded gates, whatever runs them and however often."""

import copy
import itertools
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from eca_viz.errors import DataError, NetworkError
from eca_viz.gates.forward import attend
from eca_viz.images.reading import read_image
from eca_viz.networks.spec import Network
from eca_viz.records import FolderStatistics, RankedImage
from eca_viz.saliency.methods.layer import gate_attribution
from eca_viz.statistics import engine as engines
from eca_viz.statistics import local as local_engine
from eca_viz.statistics.engine import BATCH, Chunk, Engine, Result, Task
from eca_viz.statistics.files import images_file, read_statistics
from eca_viz.statistics.local import local
from eca_viz.statistics.run import folder_statistics, skipped
from tests.factories import make_network
from tests.statistics.listed import list_of
from tests.statistics.same import assert_same

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def found(small: Network, folder: Path) -> FolderStatistics:
    return folder_statistics(folder, small, effects=True, engine=local(0))


@pytest.fixture(scope="module")
def recorded(small: Network, folder: Path) -> dict[str, np.ndarray]:
    """All gates by layer, the descriptors by layer + "y", logits, and paths, in batches."""
    paths = sorted(folder.rglob("*.png"))
    private = small.private()
    gathered: dict[str, list[np.ndarray]] = {}
    for start in range(0, len(paths), BATCH):
        seen = [
            small.spec.preprocess.see(read_image(path))[0] for path in paths[start : start + BATCH]
        ]
        black = [np.zeros_like(seen[0])] * (BATCH - len(seen))
        inputs = small.spec.preprocess.normalise(np.stack([*seen, *black]))
        logits, attention = attend(private, inputs)
        for key, values in [("logits", logits.numpy())] + [
            pair
            for one in attention
            for pair in ((one.layer, one.weights), (one.layer + "y", one.descriptor))
        ]:
            gathered.setdefault(key, []).append(values[: len(seen)])
    return {key: np.concatenate(values) for key, values in gathered.items()}


def test_every_number_is_that_of_the_recorded_gates(
    found: FolderStatistics, recorded: dict[str, np.ndarray], folder: Path
) -> None:
    paths = sorted(folder.rglob("*.png"))
    names = np.array([path.parent.name.replace("n01440764", "tench") for path in paths])
    assert found.classes == ("church", "nothing known", "tench")
    assert (found.images, found.skipped, found.labelled) == (300, 0, 200)
    best = np.array(["tench", "church", "cup"])[recorded["logits"].argmax(1)]
    known = names != "nothing known"
    assert found.accuracy == np.mean(best[known] == names[known])
    for layer in found.layers:
        gates = recorded[layer.layer]
        for name, one in [(None, layer.total), *layer.classes.items()]:
            chosen = slice(None) if name is None else names == name
            values, y = gates[chosen], recorded[layer.layer + "y"][chosen]
            assert one.count == len(values)
            np.testing.assert_allclose(one.mean, values.mean(0, np.float64), rtol=1e-10)
            np.testing.assert_allclose(one.sd, values.astype(np.float64).std(0), rtol=1e-9)
            np.testing.assert_array_equal(one.low, values.min(0))
            np.testing.assert_array_equal(one.high, values.max(0))
            np.testing.assert_allclose(one.descriptor_mean, y.mean(0, np.float64), rtol=1e-10)
            assert one.histogram.sum(1).tolist() == [len(values)] * layer.channels
            np.testing.assert_array_equal(
                one.histogram[0], np.histogram(values[:, 0], bins=64, range=(0, 1))[0]
            )
        for channel in range(layer.channels):
            order = np.argsort(-gates[:, channel], kind="stable")[:9]
            paths_ = [str(paths[place].relative_to(folder)) for place in order]
            assert [image.path for image in layer.highest[channel]] == paths_
    image = found.layers[0].highest[0][0]
    assert isinstance(image, RankedImage)
    assert image.sha256 == read_image(folder / image.path).sha256


def test_effects_are_captums_gate_by_gate(
    found: FolderStatistics, small: Network, folder: Path, recorded: dict[str, np.ndarray]
) -> None:
    paths = sorted(folder.rglob("*.png"))[:20]
    statistics = folder_statistics(
        folder, small, table=list_of(folder, paths), effects=True, engine=local(0)
    )
    private = small.private()
    for layer in statistics.layers:
        place = private.layer(layer.layer)
        effects = []
        for path, logits in zip(paths, recorded["logits"], strict=False):
            _, inputs = small.spec.preprocess.see(read_image(path))
            found_ = gate_attribution(private.module, place, inputs, int(logits.argmax()))
            effects.append(found_.numpy())
        assert layer.effects is not None
        np.testing.assert_allclose(layer.effects.mean, np.mean(effects, 0), rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(
            layer.effects.magnitude, np.abs(effects).mean(0), rtol=1e-4, atol=1e-6
        )


@pytest.mark.parametrize("chunk", [16, 112])
def test_chunks_and_decoding_processes_change_nothing(
    found: FolderStatistics,
    small: Network,
    folder: Path,
    chunk: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engines, "CHUNK", chunk)
    assert_same(folder_statistics(folder, small, effects=True, engine=local(2)), found)


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
    assert 0 < numbers[0] < len(numbers) + numbers[0]
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


@pytest.fixture
def with_bad(folder: Path, tmp_path: Path, encode: Callable[..., bytes]) -> Path:
    """Twenty good images and four bad ones among them."""
    place = tmp_path / "images" / "church"
    place.mkdir(parents=True)
    for path in sorted((folder / "church").iterdir())[:20]:
        shutil.copy(path, place)
    good = (place / "000.png").read_bytes()
    (place / "003a.png").write_bytes(b"")
    (place / "005a.png").write_bytes(good[:200])
    (place / "007a.jpg").write_text("no image")
    bomb = good[:16] + (60_000).to_bytes(4, "big") * 2 + good[24:]
    (place / "009a.png").write_bytes(bomb)
    return place.parent


@pytest.mark.parametrize("workers", [0, 1])
def test_bad_images_are_named_and_skipped(
    small: Network, with_bad: Path, tmp_path: Path, workers: int
) -> None:
    out = tmp_path / "s.parquet"
    found = folder_statistics(with_bad, small, out=out, engine=local(workers))
    assert (found.images, found.skipped) == (20, 4)
    bad = dict(skipped(out))
    assert sorted(bad) == [
        f"church/{name}" for name in ("003a.png", "005a.png", "007a.jpg", "009a.png")
    ]
    assert "is empty" in bad["church/003a.png"]
    assert "is damaged" in bad["church/005a.png"]
    assert "is not an image" in bad["church/007a.jpg"]
    assert found.layers[0].total.count == 20
    for path in ("003a.png", "005a.png", "007a.jpg", "009a.png"):
        (with_bad / "church" / path).unlink()
    clean = folder_statistics(with_bad, small, engine=local(0))
    for one, other in zip(found.layers, clean.layers, strict=True):
        np.testing.assert_allclose(one.total.mean, other.total.mean, rtol=1e-6)


def test_only_bad_images_are_an_error(small: Network, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"")
    with pytest.raises(DataError, match="none of the 1 images can be used; the first: a.png is em"):
        folder_statistics(tmp_path, small, engine=local(0))


def test_a_flat_folder_is_grouped_by_prediction(small: Network, folder: Path) -> None:
    found = folder_statistics(folder / "church", small, engine=local(0))
    assert found.grouped_by == "prediction"
    assert (found.accuracy, found.labelled) == (None, 0)
    assert set(found.classes) <= {"tench", "church", "cup"}
    assert sum(one.count for one in found.layers[0].classes.values()) == found.images == 100


def test_images_with_numbers_that_are_not_finite_are_skipped(folder: Path, small: Network) -> None:
    class Overflow(type(small.module)):  # type: ignore[misc]
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return super().forward(x) / (x.mean((1, 2, 3)) > 0)[:, None]

    module = Overflow().eval().requires_grad_(False)
    found = folder_statistics(
        folder, make_network(module, side=32, labels=("tench", "church", "cup")), engine=local(0)
    )
    assert 0 < found.skipped < 300
    assert found.layers[0].total.count == found.images == 300 - found.skipped


def test_numbers_that_are_never_finite_are_an_error(folder: Path, small: Network) -> None:
    broken = copy.deepcopy(small.module)
    broken.head.bias[0] = float("nan")
    network = make_network(broken, side=32, labels=("tench", "church", "cup"))
    with pytest.raises(DataError, match="can be used; the first: the network gives numbers for"):
        folder_statistics(folder, network, engine=local(0))


def test_a_folder_is_no_place_for_the_result(folder: Path, small: Network) -> None:
    with pytest.raises(DataError, match="is a folder; give the name of a file"):
        folder_statistics(folder, small, out=folder, engine=local(0))


def test_a_network_without_attention_is_refused(folder: Path) -> None:
    with pytest.raises(NetworkError, match="has no attention layers"):
        folder_statistics(folder, "resnet_tiny_none")


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
