"""How the shipped weights are made: `train` from start to a weights file."""

import time
from collections.abc import Callable
from pathlib import Path

import torch

from eca_viz.errors import DataError
from eca_viz.networks.registry import find_network
from eca_viz.networks.state import prepare
from eca_viz.training.evaluate import evaluate
from eca_viz.training.files import write_trained
from eca_viz.training.in_memory import distort, from_memory, read_images
from eca_viz.training.recipe import Recipe
from eca_viz.training.trainer import EpochReport, Trainer

CHECKPOINT = "checkpoint.pt"
LOG = "log.csv"
# Of the images in memory, of which parts are cropped.
SIDE = 224
# Seconds between checkpoints, which take longer to write than an epoch takes on a GPU.
SAVE_EVERY = 30.0


def train(
    network: str,
    data: Path,
    out: Path,
    *,
    recipe: Recipe,
    seed: int,
    report: Callable[[EpochReport], None],
    device: str = "cpu",
) -> tuple[Path, float]:
    """Trains a network from scratch, or goes on from `out`/checkpoint.pt where there is one.

    With each checkpoint, written every SAVE_EVERY seconds, `out`/log.csv gets a line for each
    epoch since the last one. The weights are those of the last epoch's moving average:
    validation images are looked at once, after training.

    Args:
        network: The name of a network that is shipped.
        data: The folder that holds imagenette2-160.
        out: Where checkpoint, log and weights go.
        recipe: What to train by.
        seed: Of the initial weights and the batches.
        report: Called after each epoch.
        device: Where it is trained, as PyTorch names it.

    Returns:
        The weights file, and top-1 on the validation images in [0, 1].

    Raises:
        NetworkError: The network is unknown.
        DataError: The data are missing, or the checkpoint was made by another recipe.
    """
    spec = find_network(network)
    images = read_images(data, "train", SIDE, lambda done, total: None).to(device)
    source = from_memory(images, recipe, seed=seed, classes=spec.classes, change=distort)
    torch.manual_seed(seed)
    trainer = Trainer(spec.build(spec.classes), recipe, source, seed=seed, device=device)
    out.mkdir(parents=True, exist_ok=True)
    if (out / CHECKPOINT).exists():
        trainer.resume(out / CHECKPOINT)
    lines = []
    saved = time.monotonic()
    for done in trainer.run():
        lines.append(f"{done.epoch},{done.size},{done.loss:.4f},{done.seconds:.1f}\n")
        if done.epoch == done.epochs or time.monotonic() - saved > SAVE_EVERY:
            trainer.save(out / CHECKPOINT)
            with (out / LOG).open("a", encoding="utf-8") as log:
                log.writelines(lines)
            lines, saved = [], time.monotonic()
        report(done)
    module = prepare(trainer.average.module.half().cpu())
    accuracy, measured = evaluate(module, spec.preprocess, data, lambda done, total: None)
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
        trained_on=device_name(trainer.device),
        validation_images=measured,
    )
    return path, accuracy


def find_device(given: str | None) -> str:
    """The device to train on: a GPU that CUDA knows, else the processor, where none is given.

    Raises DataError for "cuda" without such a GPU.
    """
    found = torch.cuda.is_available()
    if given == "cuda" and not found:
        raise DataError("PyTorch finds no GPU to train on with cuda; train with --device cpu")
    return given or ("cuda" if found else "cpu")


def device_name(device: torch.device) -> str:
    """What the maker calls a GPU; "cpu" for the processor."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
