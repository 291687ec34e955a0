"""Top-1 accuracy on Imagenette's validation images."""

from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import DataLoader

from eca_viz.errors import DataError
from eca_viz.networks.bundled.shipped import LABELS
from eca_viz.networks.preprocess import Preprocess
from eca_viz.training.imagenette import open_imagenette, seen_transform

# Small enough that feature maps stay in a processor's cache.
BATCH = 16


def check_classes(labels: Sequence[str], name: str) -> None:
    """Raises DataError unless a network's classes are Imagenette's ten."""
    if tuple(labels) != LABELS:
        raise DataError(
            f"{name} knows {len(labels)} classes ({', '.join(labels[:3])}, …) and accuracy is "
            f"measured on Imagenette's {len(LABELS)}; choose a network trained on those"
        )


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
    dataset = open_imagenette(data, "val", seen_transform(preprocess))
    right = done = 0
    with torch.inference_mode():
        for images, labels in DataLoader(dataset, batch_size=BATCH):
            logits = module(images.contiguous(memory_format=torch.channels_last))
            right += int((logits.argmax(1) == labels).sum())
            done += len(labels)
            progress(done, len(dataset))
    return right / done, done
