"""The recipe behind the shipped weights: from an untrained network to a checkpoint."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor, nn
from torchvision.transforms import v2

from eca_viz.errors import DataError
from eca_viz.training.imagenette import training_batches


class Batches(Protocol):
    """The batches of one epoch, and how many there are."""

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]: ...

    def __len__(self) -> int: ...


Source = Callable[[int], Batches]


@dataclass(frozen=True)
class Cycle:
    """A part of the training in which the learning rate rises once and falls to nothing.

    `sizes` are the side lengths in pixels of the photographs in equally long parts of the
    cycle; `mix_probability` is the share of batches that MixUp or CutMix blends.
    """

    epochs: int
    sizes: tuple[int, ...]
    learning_rate: float
    mix_probability: float


@dataclass(frozen=True)
class Recipe:
    """Every choice that training makes.

    The moving average of the weights keeps `ema_decay` of itself at each step. Biases,
    batch norm and the attention layers are not decayed.
    """

    cycles: tuple[Cycle, ...] = (
        Cycle(epochs=60, sizes=(96, 112, 128), learning_rate=3e-3, mix_probability=0.2),
        Cycle(epochs=24, sizes=(112, 128, 144), learning_rate=2e-3, mix_probability=0.7),
    )
    batch_size: int = 64
    smallest_crop: float = 0.3
    warm_up: float = 0.1
    betas: tuple[float, float] = (0.9, 0.99)
    epsilon: float = 1e-6
    weight_decay: float = 0.05
    label_smoothing: float = 0.1
    mixup_alpha: float = 0.2
    cutmix_alpha: float = 1.0
    ema_decay: float = 0.998

    @property
    def epochs(self) -> int:
        """Epochs of all cycles together."""
        return sum(cycle.epochs for cycle in self.cycles)

    def cycle_at(self, epoch: int) -> tuple[Cycle, int]:
        """The cycle that `epoch` is in and its number there, both counted from 0."""
        for cycle in self.cycles:
            if epoch < cycle.epochs:
                return cycle, epoch
            epoch -= cycle.epochs
        raise IndexError(f"the recipe has {self.epochs} epochs")

    def size_at(self, epoch: int) -> int:
        """Side length of the training photographs in `epoch`, counted from 0."""
        cycle, place = self.cycle_at(epoch)
        return cycle.sizes[place * len(cycle.sizes) // cycle.epochs]


def mixer(
    recipe: Recipe, share: float, classes: int
) -> Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """Turns labels into shares of classes, and blends that `share` of the batches."""
    mix = v2.RandomChoice(
        [
            v2.MixUp(alpha=recipe.mixup_alpha, num_classes=classes),
            v2.CutMix(alpha=recipe.cutmix_alpha, num_classes=classes),
        ]
    )

    def apply(images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        if torch.rand(()) < share:
            mixed: tuple[Tensor, Tensor] = mix(images, labels)
            return mixed
        return images, nn.functional.one_hot(labels, classes).float()

    return apply


def from_folder(data: Path, recipe: Recipe, *, seed: int, classes: int) -> Source:
    """Batches of Imagenette's training photographs, decoded as they are needed."""

    def batches(epoch: int) -> Batches:
        cycle, _ = recipe.cycle_at(epoch)
        loader = training_batches(
            data,
            size=recipe.size_at(epoch),
            smallest_crop=recipe.smallest_crop,
            batch_size=recipe.batch_size,
            mix=mixer(recipe, cycle.mix_probability, classes),
            generator=torch.Generator().manual_seed(seed * 100_003 + epoch),
        )
        if len(loader) == 0:
            raise DataError(
                f"{data} holds {len(loader.dataset)} training photographs, fewer than a batch of "  # type: ignore[arg-type]
                f"{recipe.batch_size}; give a smaller batch size"
            )
        return loader

    return batches
