"""What a trainer reads: the batches of an epoch, their random numbers and their blending."""

from collections.abc import Callable, Iterator
from typing import Protocol

import torch
from torch import Tensor, nn
from torchvision.transforms import v2

from eca_viz.training.recipe import Recipe

Mix = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]


class Batches(Protocol):
    """The batches of one epoch: images (n, 3, size, size) and class shares (n, classes)."""

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]: ...

    def __len__(self) -> int: ...


# The batches of an epoch, counted from 0.
Source = Callable[[int], Batches]


def epoch_seed(seed: int, epoch: int) -> int:
    """The seed of an epoch, so that a resumed training draws what an unbroken one does."""
    return seed * 100_003 + epoch


def mixer(recipe: Recipe, share: float, classes: int) -> Mix:
    """Turns labels into class shares and blends some of the batches by MixUp or CutMix.

    Args:
        recipe: Gives the alphas of both.
        share: The share in [0, 1] of batches that is blended.
        classes: Number of classes.

    Returns:
        A function of images (n, 3, H, W) and labels (n,), which returns images of the same
        shape and class shares (n, classes).
    """
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
