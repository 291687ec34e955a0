"""Top-1 accuracy on Imagenette's validation photographs."""

from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader

from eca_viz.errors import DataError
from eca_viz.networks.bundled.shipped import LABELS
from eca_viz.networks.preprocess import Preprocess
from eca_viz.training.imagenette import open_imagenette

BATCH = 64


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
    """Share of validation photographs whose best class is right, and their number.

    Photographs are resized, cropped and normalised as in an explanation. `progress` is called
    with the number of photographs done and their total. Raises DataError without data.
    """

    def transform(photograph: Image.Image) -> Tensor:
        return preprocess.normalise(preprocess.picture(photograph.convert("RGB")))[0]

    dataset = open_imagenette(data, "val", transform)
    right = done = 0
    with torch.inference_mode():
        for images, labels in DataLoader(dataset, batch_size=BATCH):
            right += int((module(images).argmax(1) == labels).sum())
            done += len(labels)
            progress(done, len(dataset))
    return right / done, done
