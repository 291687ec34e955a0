"""How the shipped weights are made: `train` from start to a weights file."""

from collections.abc import Callable
from pathlib import Path

import torch

from eca_viz.networks.registry import find_network
from eca_viz.networks.state import prepare
from eca_viz.training.evaluate import evaluate
from eca_viz.training.files import write_trained
from eca_viz.training.imagenette import from_folder
from eca_viz.training.recipe import Recipe
from eca_viz.training.trainer import EpochReport, Trainer

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
    """Trains a network from scratch, or goes on from `out`/checkpoint.pt where there is one.

    Each epoch adds a line to `out`/log.csv. The weights are those of the last epoch's moving
    average: validation images are looked at once, after training.

    Args:
        network: The name of a network that is shipped.
        data: The folder that holds imagenette2-160.
        out: Where checkpoint, log and weights go.
        recipe: What to train by.
        seed: Of the initial weights and the batches.
        report: Called after each epoch.

    Returns:
        The weights file, and top-1 on the validation images in [0, 1].

    Raises:
        NetworkError: The network is unknown.
        DataError: The data are missing, or the checkpoint was made by another recipe.
    """
    spec = find_network(network)
    torch.manual_seed(seed)
    source = from_folder(data, recipe, seed=seed, classes=spec.classes)
    trainer = Trainer(spec.build(spec.classes), recipe, source, seed=seed)
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
    path = out / f"{spec.name}.safetensors"
    write_trained(
        module,
        path,
        network=spec.name,
        labels=spec.labels(),
        recipe=recipe,
        seed=seed,
        top1=accuracy,
        training_seconds=round(trainer.seconds),
        validation_images=images,
    )
    return path, accuracy
