"""The recipe behind the shipped weights: from an untrained network to a checkpoint."""

import dataclasses
import math
import pickle
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
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


@dataclass(frozen=True)
class Progress:
    """One finished epoch: its number from 1, mean loss, and seconds it took and that are left."""

    epoch: int
    epochs: int
    size: int
    loss: float
    seconds: float
    seconds_left: float


def parameter_groups(model: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Optimiser groups that spare vectors and attention layers the weight decay."""
    decayed: list[nn.Parameter] = []
    spared: list[nn.Parameter] = []
    for name, parameter in model.named_parameters():
        vector = parameter.ndim < 2 or ".eca." in name or ".attention." in name
        (spared if vector else decayed).append(parameter)
    return [
        {"params": decayed, "weight_decay": weight_decay},
        {"params": spared, "weight_decay": 0.0},
    ]


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


class Trainer:
    """Trains a network by a recipe; `save` and `resume` carry everything across a stop.

    `source` gives the batches of an epoch, counted from 0: photographs (n, 3, size, size)
    and the shares of their classes (n, classes).
    """

    def __init__(self, model: nn.Module, recipe: Recipe, source: Source, *, seed: int):
        self.recipe = recipe
        self.source = source
        self.seed = seed
        self.model = model.to(memory_format=torch.channels_last)
        self.average = AveragedModel(
            self.model,
            multi_avg_fn=get_ema_multi_avg_fn(recipe.ema_decay),  # type: ignore[no-untyped-call]
            use_buffers=True,
        )
        self.optimiser = torch.optim.AdamW(
            parameter_groups(self.model, recipe.weight_decay),
            betas=recipe.betas,
            eps=recipe.epsilon,
        )
        self.loss = nn.CrossEntropyLoss(label_smoothing=recipe.label_smoothing)
        self.steps = len(source(0))
        self.schedule = self._new_schedule(0)
        self.epoch = 0
        self.seconds = 0.0

    def _new_schedule(self, epoch: int) -> torch.optim.lr_scheduler.OneCycleLR:
        """The learning rate over the cycle that `epoch` is in."""
        cycle, _ = self.recipe.cycle_at(epoch)
        return torch.optim.lr_scheduler.OneCycleLR(
            self.optimiser,
            max_lr=cycle.learning_rate,
            total_steps=cycle.epochs * self.steps,
            pct_start=self.recipe.warm_up,
            cycle_momentum=False,
        )

    def run(self) -> Iterator[Progress]:
        """Trains the epochs that are left, yielding after each."""
        while self.epoch < self.recipe.epochs:
            start = time.perf_counter()
            size = self.recipe.size_at(self.epoch)
            loss = self._train_epoch(self.epoch)
            spent = time.perf_counter() - start
            self.epoch += 1
            self.seconds += spent
            pixels = [self.recipe.size_at(e) ** 2 for e in range(self.epoch, self.recipe.epochs)]
            left = spent * sum(pixels) / size**2
            yield Progress(self.epoch, self.recipe.epochs, size, loss, spent, left)

    def _train_epoch(self, epoch: int) -> float:
        torch.manual_seed(self.seed * 100_003 + epoch)
        if epoch and self.recipe.cycle_at(epoch)[1] == 0:
            self.schedule = self._new_schedule(epoch)
        self.model.train()
        losses = []
        for images, targets in self.source(epoch):
            with torch.autocast("cpu", torch.bfloat16):
                loss = self.loss(
                    self.model(images.contiguous(memory_format=torch.channels_last)), targets
                )
            self.optimiser.zero_grad()
            loss.backward()
            self.optimiser.step()
            self.schedule.step()
            self.average.update_parameters(self.model)
            losses.append(loss.detach())
        mean = torch.stack(losses).mean().item()
        if not math.isfinite(mean):
            raise DataError(
                f"the loss became {mean} in epoch {epoch + 1}; resume from the last checkpoint "
                "with a smaller learning rate"
            )
        return float(mean)

    def save(self, path: Path) -> None:
        """Writes a checkpoint; an earlier one stays whole until the new one is."""
        state = {
            "recipe": dataclasses.asdict(self.recipe),
            "seed": self.seed,
            "epoch": self.epoch,
            "seconds": self.seconds,
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule.state_dict(),
        }
        partial = path.with_suffix(".partial")
        torch.save(state, partial)
        partial.replace(path)

    def resume(self, path: Path) -> None:
        """Goes on from a checkpoint of the same recipe and seed.

        Raises DataError where the checkpoint was made with others.
        """
        try:
            state = torch.load(path, weights_only=True)
            theirs = {"seed": state["seed"], **state["recipe"]}
        except (pickle.UnpicklingError, RuntimeError, EOFError, KeyError, TypeError) as error:
            raise DataError(
                f"{path} is not a checkpoint of this training; remove it to start again"
            ) from error
        ours = {"seed": self.seed, **dataclasses.asdict(self.recipe)}
        changed = [key for key in ours if ours[key] != theirs.get(key)]
        if changed:
            raise DataError(
                f"{path} was trained with "
                + ", ".join(f"{key} = {theirs.get(key)} (now {ours[key]})" for key in changed)
                + "; train with the same values, or into another folder"
            )
        self.schedule = self._new_schedule(max(state["epoch"] - 1, 0))
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.schedule.load_state_dict(state["schedule"])
        self.epoch = state["epoch"]
        self.seconds = state["seconds"]
