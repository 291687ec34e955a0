"""The ablation: every attention variant trained alike, run by run, into one table."""

import dataclasses
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import torch
from torch import nn

from eca_viz.analysis.ablation import add_row, read_rows
from eca_viz.attention.variants import VARIANTS
from eca_viz.errors import DataError
from eca_viz.networks.architectures.ablation_resnet import (
    WIDTHS,
    TinyResNet,
    attention_parameters,
)
from eca_viz.networks.bundled.ablation import SIDE, network_name
from eca_viz.networks.bundled.shipped import LABELS
from eca_viz.networks.state import prepare
from eca_viz.paths import ABLATION
from eca_viz.records import Row
from eca_viz.storage.scratch import replacing
from eca_viz.training.evaluate import top1_and_top5, true_class_ranks
from eca_viz.training.files import write_trained
from eca_viz.training.in_memory import LabelledImages, from_memory, normalise, read_images
from eca_viz.training.plan import Run, left
from eca_viz.training.recipe import Cycle, Recipe
from eca_viz.training.trainer import Trainer

RECIPE = Recipe(
    cycles=(Cycle(epochs=16, sizes=(64, 80, 96), learning_rate=6e-3, mix_probability=0.0),),
    batch_size=32,
    smallest_crop=0.5,
    warm_up=0.25,
    ema_decay=0.995,
)
SHIPPED_SEED = 0
# Small enough that feature maps stay in a processor's cache.
BATCH = 32

Report = Callable[[str], None]


@dataclass(frozen=True)
class Job:
    """A run with its recipe, and the folders of its data and its weights."""

    run: Run
    recipe: Recipe
    data: Path
    out: Path


def recipe_digest(recipe: Recipe) -> str:
    """Twelve hexadecimal digits for the recipe, the network's widths and its images' side."""
    common = {"recipe": dataclasses.asdict(recipe), "widths": WIDTHS, "side": SIDE}
    return hashlib.sha256(json.dumps(common, sort_keys=True).encode()).hexdigest()[:12]


def ablate(
    data: Path,
    out: Path,
    assets: Path,
    *,
    seeds: int,
    jobs: int = 1,
    recipe: Recipe = RECIPE,
    report: Report = print,
) -> Iterator[Row]:
    """Trains the runs that the table does not hold yet.

    Args:
        data: The folder that holds imagenette2-160.
        out: Where the weights of every run go.
        assets: Its statistics/ablation.csv is the table, its weights/ gets those of seed 0 of
            the paper's variants.
        seeds: Seeds of each mechanism, counted from 0.
        jobs: Runs at once, each in a process with its share of the cores.
        recipe: What all are trained by.
        report: Gets a line after each epoch where `jobs` is 1.

    Yields:
        Each row once it is written.

    Raises:
        DataError: The data are missing, or the table holds runs of another recipe, which must
            not be mixed with these.
    """
    table = assets / ABLATION
    rows = read_rows(table)
    digest = recipe_digest(recipe)
    others = {row.recipe for row in rows} - {digest}
    if others:
        raise DataError(
            f"{table} holds runs of the recipe {', '.join(sorted(others))} and this one is "
            f"{digest}; move the table away to start again"
        )
    out.mkdir(parents=True, exist_ok=True)
    todo = [Job(run, recipe, data, out) for run in left(rows, seeds)]
    for row in _results(todo, jobs, report):
        _ship(row, out, assets)
        add_row(table, row)
        yield row


def _results(todo: Sequence[Job], jobs: int, report: Report) -> Iterator[Row]:
    if not todo:
        return
    if jobs == 1:
        images = _read(todo[0].data)
        yield from (train_run(job, *images, report) for job in todo)
        return
    threads = max(1, torch.get_num_threads() // jobs)
    with ProcessPoolExecutor(
        jobs, get_context("spawn"), initializer=torch.set_num_threads, initargs=(threads,)
    ) as pool:
        waiting = [pool.submit(_train_in_process, job) for job in todo]
        try:
            yield from (done.result() for done in as_completed(waiting))
        finally:
            pool.shutdown(cancel_futures=True)


_read_once: dict[Path, tuple[LabelledImages, LabelledImages]] = {}


def _train_in_process(job: Job) -> Row:
    """Each process reads the images once, for all runs that it trains."""
    if job.data not in _read_once:
        _read_once[job.data] = _read(job.data)
    return train_run(job, *_read_once[job.data], _silent)


def _silent(line: str) -> None:
    """No report: the epochs of several processes would be interleaved."""


def _read(data: Path) -> tuple[LabelledImages, LabelledImages]:
    training, validation = (
        read_images(data, split, SIDE, lambda done, total: None) for split in ("train", "val")
    )
    return training, validation


def train_run(
    job: Job, training: LabelledImages, validation: LabelledImages, report: Report
) -> Row:
    """Trains one network from scratch, writes its weights and measures it once, at the end.

    The weights are those of the last epoch's moving average, as fp16.

    Args:
        job: What to train.
        training: The training images.
        validation: The validation images.
        report: Gets a line after each epoch.

    Returns:
        The run as a row of the table.

    Raises:
        DataError: The training images are fewer than a batch, or the loss is not finite.
    """
    run, recipe = job.run, job.recipe
    torch.manual_seed(run.seed)
    model = TinyResNet(run.mechanism, len(LABELS))
    source = from_memory(training, recipe, seed=run.seed, classes=len(LABELS))
    trainer = Trainer(model, recipe, source, seed=run.seed)
    for done in trainer.run():
        report(
            f"{run.mechanism} seed {run.seed}  epoch {done.epoch}/{done.epochs}  {done.size} px  "
            f"loss {done.loss:.4f}  {done.seconds:.0f} s"
        )
    module = prepare(trainer.average.module.half())
    row = _measure(job, module, validation, trainer.seconds)
    write_trained(
        module,
        _weights_file(job.out, row.mechanism, row.seed),
        network=network_name(run.mechanism),
        labels=LABELS,
        recipe=recipe,
        seed=run.seed,
        top1=row.top1,
        run=dataclasses.asdict(row),
    )
    return row


def _measure(job: Job, module: nn.Module, validation: LabelledImages, seconds: float) -> Row:
    top1, top5 = accuracy(module, validation)
    return Row(
        recipe=recipe_digest(job.recipe),
        mechanism=job.run.mechanism,
        seed=job.run.seed,
        top1=round(top1, 4),
        top5=round(top5, 4),
        images=len(validation),
        parameters=sum(p.numel() for p in module.parameters()),
        attention_parameters=attention_parameters(module),
        seconds=round(seconds, 1),
        torch=torch.__version__,
    )


def _weights_file(out: Path, mechanism: str, seed: int) -> Path:
    """Where a run's weights lie."""
    return out / f"{network_name(mechanism)}_seed{seed}.safetensors"


def _ship(row: Row, out: Path, assets: Path) -> None:
    """Copies a run's weights from `out` to `assets`/weights if they are shipped."""
    if row.seed != SHIPPED_SEED or row.mechanism not in {v.name for v in VARIANTS}:
        return
    place = assets / "weights" / f"{network_name(row.mechanism)}.safetensors"
    place.parent.mkdir(parents=True, exist_ok=True)
    with replacing(place) as partial:
        partial.write_bytes(_weights_file(out, row.mechanism, row.seed).read_bytes())


def accuracy(module: nn.Module, images: LabelledImages) -> tuple[float, float]:
    """Top-1 and top-5 accuracy in [0, 1]."""
    parts = (slice(start, start + BATCH) for start in range(0, len(images), BATCH))
    batches = ((normalise(images.pixels[part]), images.labels[part]) for part in parts)
    return top1_and_top5(true_class_ranks(module, batches))
