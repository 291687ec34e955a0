"""The loop that trains a network by a recipe."""

import dataclasses
import math
import pickle
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from eca_viz.errors import DataError
from eca_viz.storage.scratch import replacing
from eca_viz.training.batches import Source, epoch_seed
from eca_viz.training.recipe import Recipe


@dataclass(frozen=True)
class EpochReport:
    """One finished epoch of `epochs`.

    `epoch` counts from 1, `size` is the images' side in pixels, `loss` the mean over batches,
    `seconds` what the epoch took and `seconds_left` what the others are estimated to take.
    """

    epoch: int
    epochs: int
    size: int
    loss: float
    seconds: float
    seconds_left: float


def parameter_groups(model: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Optimiser groups: weight decay for all but vectors and attention layers."""
    decayed: list[nn.Parameter] = []
    spared: list[nn.Parameter] = []
    for name, parameter in model.named_parameters():
        vector = parameter.ndim < 2 or ".eca." in name or ".attention." in name
        (spared if vector else decayed).append(parameter)
    return [
        {"params": decayed, "weight_decay": weight_decay},
        {"params": spared, "weight_decay": 0.0},
    ]


class Trainer:
    """Trains a network by a recipe; `save` and `resume` carry everything across a stop.

    Args:
        model: The network, with initial weights.
        recipe: What to train by.
        source: The batches of an epoch, counted from 0.
        seed: Of the random numbers in every epoch.
        device: Where it is trained; the source's batches lie there.
    """

    def __init__(
        self, model: nn.Module, recipe: Recipe, source: Source, *, seed: int, device: str = "cpu"
    ):
        self.recipe = recipe
        self.source = source
        self.seed = seed
        self.device = torch.device(device)
        self.model = model.to(self.device).to(memory_format=torch.channels_last)
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

    def run(self) -> Iterator[EpochReport]:
        """Trains the epochs that are left; yields after each. Raises DataError for a NaN loss."""
        while self.epoch < self.recipe.epochs:
            start = time.perf_counter()
            size = self.recipe.size_at(self.epoch)
            loss = self._train_epoch(self.epoch)
            spent = time.perf_counter() - start
            self.epoch += 1
            self.seconds += spent
            pixels = [self.recipe.size_at(e) ** 2 for e in range(self.epoch, self.recipe.epochs)]
            left = spent * sum(pixels) / size**2
            yield EpochReport(self.epoch, self.recipe.epochs, size, loss, spent, left)

    def _train_epoch(self, epoch: int) -> float:
        torch.manual_seed(epoch_seed(self.seed, epoch))
        if epoch and self.recipe.cycle_at(epoch)[1] == 0:
            self.schedule = self._new_schedule(epoch)
        self.model.train()
        losses = []
        for images, targets in self.source(epoch):
            with torch.autocast(self.device.type, torch.bfloat16):
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
        """Writes a checkpoint; it replaces an earlier one only once it is complete."""
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
        with replacing(path) as partial:
            torch.save(state, partial)

    def resume(self, path: Path) -> None:
        """Loads a checkpoint. Raises DataError where its recipe or seed is another."""
        try:
            state = torch.load(path, weights_only=True, map_location=self.device)
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
