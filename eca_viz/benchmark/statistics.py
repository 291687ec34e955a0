"""Statistics over a folder: images a second beside a bare loop, memory, and Ray."""

import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from eca_viz.benchmark.ratio import Ratio
from eca_viz.networks.loading import load_network
from eca_viz.networks.preprocess import Preprocess
from eca_viz.networks.registry import DEFAULT_NETWORK
from eca_viz.statistics.engine import BATCH, Engine, chunks
from eca_viz.statistics.gates import GateTask
from eca_viz.statistics.listing import list_images
from eca_viz.statistics.local import WORKERS, local
from eca_viz.statistics.on_ray import on_ray
from eca_viz.statistics.run import folder_statistics

# Seconds of ours over those of the baseline.
LOCAL_LIMIT = 1.11  # 0.9 of the images a second
LINEAR_LIMIT = 1.1
MEMORY_LIMIT = 1.05
RAY_LIMIT = 1 / 0.8
COUNT = 1000
WARM_UP = 32
# Images of a chunk for several actors, of which one begins later: else few chunks are left then.
SMALL = 128
COUNTS = (250, 1000, 3900)
CLASSES = 10
SIDES = (160, 213)  # as large as Imagenette's at 160 px


def time_statistics(counts: tuple[int, ...] = COUNTS, count: int = COUNT) -> Iterator[Ratio]:
    """All measurements of statistics, one after the other.

    Args:
        counts: Numbers of images whose times and memory are compared.
        count: Number of images for everything else.

    Yields:
        Each measurement.
    """
    with images(max(*counts, count)) as folder:
        ours, bare = _seconds_of_both(folder, count)
        what = f"statistics of {count} images, against a DataLoader and hooks that read ω"
        yield Ratio(what, ours, bare, "s", LOCAL_LIMIT)
        yield from _growth(folder, counts)
        yield from _of_ray(folder, count)


@contextmanager
def images(count: int) -> Iterator[Path]:
    """A folder of so many JPEGs in CLASSES folders, each half noise."""
    random = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in range(CLASSES):
            (folder / f"class {number}").mkdir()
        for number in range(count):
            coarse = Image.fromarray(random.integers(0, 256, (8, 10, 3), dtype=np.uint8))
            smooth = np.array(coarse.resize(SIDES, Image.Resampling.BICUBIC), np.int16)
            noise = random.integers(-40, 40, smooth.shape)
            pixels = np.clip(smooth + noise, 0, 255).astype(np.uint8)
            path = folder / f"class {number % CLASSES}" / f"{number:05}.jpg"
            Image.fromarray(pixels).save(path, quality=90)
        yield folder


def table(folder: Path, count: int) -> Path:
    """A table of the first of the images, the same number of each class."""
    listing = sorted(folder.rglob("*.jpg"), key=lambda path: path.name)[:count]
    path = folder / f"{count}.csv"
    lines = [f"{one.relative_to(folder)},{one.parent.name}\n" for one in listing]
    path.write_text("path,label\n" + "".join(lines), encoding="utf-8")
    return path


class _Read(Dataset[Tensor]):
    """Images as tensors, as a person would write it."""

    def __init__(self, paths: list[Path], preprocess: Preprocess) -> None:
        self.paths, self.preprocess = paths, preprocess

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, place: int) -> Tensor:
        with Image.open(self.paths[place]) as image:
            return self.preprocess.normalise(self.preprocess.crop_image(image.convert("RGB")))[0]


def _seconds_of_both(folder: Path, count: int) -> tuple[float, float]:
    """Statistics and the bare loop, in alternation, the better of two runs of each."""
    network = load_network(DEFAULT_NETWORK)
    names = table(folder, count)
    listing = list_images(folder, names)
    paths = [listing.file(item) for item in listing.items]
    ours, bare = [], []
    for _ in range(2):
        start = time.perf_counter()
        folder_statistics(folder, network, table=names)
        ours.append(time.perf_counter() - start)
        start = time.perf_counter()
        _bare(network.private().module, paths, network.spec.preprocess)
        bare.append(time.perf_counter() - start)
    return min(ours), min(bare)


def _bare(module: nn.Module, paths: list[Path], preprocess: Preprocess) -> list[Tensor]:
    """Gates of all images, by hooks on the sigmoids."""
    gates: list[Tensor] = []
    hooks = [
        one.register_forward_hook(lambda *call: gates.append(call[2].clone()))
        for one in module.modules()
        if isinstance(one, nn.Sigmoid)
    ]
    loader = DataLoader(_Read(paths, preprocess), batch_size=BATCH, num_workers=WORKERS)
    with torch.inference_mode():
        for inputs in loader:
            module(inputs)
    for hook in hooks:
        hook.remove()
    return gates


def _growth(folder: Path, counts: tuple[int, ...]) -> Iterator[Ratio]:
    """Time an image, and peak memory, of each count against the first."""
    few, *names = (table(folder, count) for count in (WARM_UP, *counts))
    same = len(names)
    with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as processes:
        found = list(processes.map(_measured, [folder] * same, [few] * same, names))
    (_, first_seconds, first_peak) = found[0]
    for count, (_, seconds, peak) in zip(counts[1:], found[1:], strict=True):
        each, first = 1000 * seconds / count, 1000 * first_seconds / counts[0]
        what = f"time an image of {count} images, against {counts[0]}"
        yield Ratio(what, each, first, "ms", LINEAR_LIMIT)
        what = f"peak memory with {count} images, against {counts[0]}"
        yield Ratio(what, peak / 1024, first_peak / 1024, "MiB", MEMORY_LIMIT)


def _measured(folder: Path, few: Path, names: Path) -> tuple[int, float, int]:
    """Number of images, seconds of all, and peak memory in KiB, after a run over a few of them."""
    network = load_network(DEFAULT_NETWORK)
    folder_statistics(folder, network, table=few)
    start = time.perf_counter()
    found = folder_statistics(folder, network, table=names)
    seconds = time.perf_counter() - start
    return found.images, seconds, _peak()


def _peak() -> int:
    """The most KiB that this process had in memory, as Linux counts them since it began."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1])


def _of_ray(folder: Path, count: int) -> Iterator[Ratio]:
    """Time an image after the first chunk of each process, so that starting does not count."""
    names = table(folder, count)
    each = _after_start(local(), folder, names, 1)
    one = _after_start(on_ray(actors=1), folder, names, 1)
    yield Ratio("time an image on Ray with 1 actor, against local", one, each, "ms", RAY_LIMIT)
    two = _after_start(on_ray(actors=2), folder, names, 2, SMALL)
    what = f"time an image on Ray with 2 actors in chunks of {SMALL}, against local"
    yield Ratio(what, two, each, "ms", None)


def _after_start(
    engine: Engine, folder: Path, names: Path, processes: int, size: int | None = None
) -> float:
    """Milliseconds an image from the first result of the last process to the last result."""
    network = load_network(DEFAULT_NETWORK)
    listing = list_images(folder, names)
    wanted = chunks(listing.items, size)
    sizes = {chunk.number: len(chunk.items) for chunk in wanted}
    task = GateTask(network, by_label=True, effects=False)
    results = iter(engine(task, folder, wanted))
    for _ in range(processes):
        next(results)
    start = time.perf_counter()
    done = sum(sizes[result.number] for result in results)
    return 1000 * (time.perf_counter() - start) / done
