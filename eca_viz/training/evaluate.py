"""Accuracy on Imagenette's validation images, from the rank of the true class of each."""

import csv
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import DataLoader, Subset

from eca_viz.errors import DataError
from eca_viz.networks.bundled.shipped import LABELS
from eca_viz.networks.loading import load_network
from eca_viz.networks.preprocess import Preprocess
from eca_viz.networks.registry import NETWORKS
from eca_viz.storage.scratch import replacing
from eca_viz.training.imagenette import open_imagenette, seen_transform

# Small enough that feature maps stay in a processor's cache.
BATCH = 16
TOP = 5
LABEL = "label"

Ranks = NDArray[np.int64]


def check_classes(labels: Sequence[str], name: str) -> None:
    """Raises DataError unless a network's classes are Imagenette's ten."""
    if tuple(labels) != LABELS:
        raise DataError(
            f"{name} knows {len(labels)} classes ({', '.join(labels[:3])}, …) and accuracy is "
            f"measured on Imagenette's {len(LABELS)}; choose a network trained on those"
        )


def true_class_ranks(
    module: nn.Module,
    batches: Iterable[tuple[Tensor, Tensor]],
    progress: Callable[[int], None] = lambda done: None,
) -> Ranks:
    """How many classes score higher than the true one, for each image.

    Args:
        module: A network in evaluation mode: (n, 3, H, W) to logits (n, classes).
        batches: Images with the indices of their classes (n,).
        progress: Called with the number of images done.

    Returns:
        The ranks; 0 where the best class is the true one.
    """
    ranks: list[Ranks] = [np.empty(0, np.int64)]
    with torch.inference_mode():
        for images, labels in batches:
            logits = module(images.contiguous(memory_format=torch.channels_last))
            ranks.append((logits > logits.gather(1, labels[:, None])).sum(1).numpy())
            progress(sum(map(len, ranks)))
    return np.concatenate(ranks)


def top1_and_top5(ranks: Ranks) -> tuple[float, float]:
    """Top-1 and top-5 accuracy in [0, 1]."""
    return float(np.mean(ranks == 0)), float(np.mean(ranks < TOP))


def validation_batches(
    data: Path, preprocess: Preprocess, every: int = 1
) -> DataLoader[tuple[Tensor, Tensor]]:
    """Validation images with their classes, seen as in an explanation.

    Args:
        data: The folder that holds imagenette2-160.
        preprocess: How the network wants its images.
        every: Which of them: the first of so many, which are sorted by class.

    Returns:
        Batches of images and the indices of their classes.

    Raises:
        DataError: The data are missing.
    """
    dataset = open_imagenette(data, "val", seen_transform(preprocess))
    return DataLoader(Subset(dataset, range(0, len(dataset), every)), batch_size=BATCH)


def evaluate(
    module: nn.Module,
    preprocess: Preprocess,
    data: Path,
    progress: Callable[[int, int], None],
) -> tuple[float, int]:
    """Top-1 accuracy on the validation images, seen as in an explanation.

    Args:
        module: A network in evaluation mode: (n, 3, crop, crop) to logits (n, 10).
        preprocess: How it wants its images.
        data: The folder that holds imagenette2-160.
        progress: Called with the number of images done and their total.

    Returns:
        The share in [0, 1] of images whose best class is right, and their number.

    Raises:
        DataError: The data are missing.
    """
    batches = validation_batches(data, preprocess)
    total = len(batches.dataset)  # type: ignore[arg-type]
    ranks = true_class_ranks(module, batches, lambda done: progress(done, total))
    return top1_and_top5(ranks)[0], len(ranks)


def write_ranks(data: Path, path: Path) -> None:
    """Writes the rank of the true class of every validation image under every shipped network.

    A column for each network, a row for each image in the data set's order, its class first.
    The table holds the accuracies that are claimed, so that a test need not run every image.

    Args:
        data: The folder that holds imagenette2-160.
        path: The CSV file.

    Raises:
        DataError: The data are missing.
    """
    labels = [label for _, label in open_imagenette(data, "val", lambda image: None)]
    columns: dict[str, Sequence[int]] = {LABEL: labels}
    for spec in NETWORKS:
        batches = validation_batches(data, spec.preprocess)
        columns[spec.name] = true_class_ranks(load_network(spec.name).module, batches).tolist()
    with replacing(path) as partial, partial.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(columns)
        table.writerows(zip(*columns.values(), strict=True))
