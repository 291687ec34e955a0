"""How the shipped weights are made: `train` from start to a weights file."""

import dataclasses
import datetime
from collections.abc import Callable
from pathlib import Path

import torch

from eca_viz.networks.files.trusted import write_weights
from eca_viz.networks.registry import find_network
from eca_viz.networks.state import prepare
from eca_viz.training.evaluate import evaluate
from eca_viz.training.recipe import Recipe, from_folder
from eca_viz.training.trainer import EpochReport, Trainer
from eca_viz.version import versions

CHECKPOINT = "checkpoint.pt"
LOG = "log.csv"


def train(
    network: str,
    data: Path,
    out: Path,
    *,
    recipe: Recipe,
    seed: int,
    report: Callable[[EpochReport], None],
) -> tuple[Path, float]:
    """Trains a network from scratch; returns its weights file and its validation accuracy.

    Goes on from `out`/checkpoint.pt where there is one; each epoch adds a line to
    `out`/log.csv. The weights are those of the last epoch's moving average: validation
    photographs are looked at once, after training. Raises NetworkError for an unknown
    network and DataError for missing data or another recipe's checkpoint.
    """
    spec = find_network(network)
    torch.manual_seed(seed)
    source = from_folder(data, recipe, seed=seed, classes=len(spec.labels))
    trainer = Trainer(spec.build(), recipe, source, seed=seed)
    out.mkdir(parents=True, exist_ok=True)
    if (out / CHECKPOINT).exists():
        trainer.resume(out / CHECKPOINT)
    for done in trainer.run():
        trainer.save(out / CHECKPOINT)
        with (out / LOG).open("a", encoding="utf-8") as log:
            log.write(f"{done.epoch},{done.size},{done.loss:.4f},{done.seconds:.1f}\n")
        report(done)
    module = prepare(trainer.average.module.half())
    accuracy, images = evaluate(module, spec.preprocess, data, lambda done, total: None)
    metadata = {
        "network": spec.name,
        "labels": list(spec.labels),
        "data": "Imagenette v2, 160 px edition: training photographs only",
        "recipe": dataclasses.asdict(recipe),
        "seed": seed,
        "training_seconds": round(trainer.seconds),
        "top1": round(accuracy, 4),
        "validation_images": images,
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "versions": dict(versions()),
    }
    path = out / f"{spec.name}.safetensors"
    write_weights(module, path, metadata)
    return path, accuracy
