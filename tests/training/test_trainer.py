"""The loop: learning rate, weight decay, and a stop that changes nothing."""

import dataclasses
from pathlib import Path

import pytest
import torch
from torch import nn

from eca_viz.errors import DataError
from eca_viz.networks.architectures.ablation_resnet import TinyResNet
from eca_viz.networks.architectures.eca_resnet import eca_resnet18
from eca_viz.training.in_memory import from_memory, read_images
from eca_viz.training.recipe import Cycle, Recipe, StoppedRecipe
from eca_viz.training.trainer import Trainer, parameter_groups

FIRST = Cycle(epochs=2, sizes=(32, 40), learning_rate=1e-3, mix_probability=0.2)
SECOND = Cycle(epochs=2, sizes=(40,), learning_rate=5e-4, mix_probability=0.8)
TINY = Recipe(cycles=(FIRST, SECOND), batch_size=4, warm_up=0.3)


class Small(nn.Module):
    """Pools at once: quick to train, and different for every order of the batches."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.conv = nn.Conv2d(3, 4, 3)
        self.norm = nn.BatchNorm2d(4)
        self.head = nn.Linear(4, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.norm(self.conv(x)).mean((2, 3)))


def trainer(data: Path, recipe: Recipe = TINY, seed: int = 0) -> Trainer:
    images = read_images(data, "train", 48, lambda done, total: None)
    return Trainer(Small(), recipe, from_memory(images, recipe, seed=seed, classes=10), seed=seed)


def test_the_rate_rises_once_in_each_cycle(small_imagenette: Path) -> None:
    """Two epochs of ten steps: high after the first, near nothing after the second."""
    recipe = dataclasses.replace(TINY, batch_size=2, warm_up=0.25)
    running = trainer(small_imagenette, recipe)
    rates = [running.optimiser.param_groups[0]["lr"]]
    for _ in running.run():
        rates.append(running.optimiser.param_groups[0]["lr"])
    assert running.steps == 10
    assert rates[2] < 0.05 * FIRST.learning_rate
    assert rates[4] < 0.05 * SECOND.learning_rate
    assert rates[1] > 0.3 * FIRST.learning_rate
    assert rates[3] > 0.3 * SECOND.learning_rate


def test_vectors_and_taps_are_not_decayed() -> None:
    model = eca_resnet18(num_classes=2)
    decayed, spared = parameter_groups(model, 0.1)
    assert (decayed["weight_decay"], spared["weight_decay"]) == (0.1, 0.0)
    assert all(p.ndim >= 2 for p in decayed["params"])
    taps = [p for name, p in model.named_parameters() if ".eca." in name]
    assert {id(p) for p in taps} <= {id(p) for p in spared["params"]}
    assert len(decayed["params"]) + len(spared["params"]) == len(list(model.parameters()))


def test_no_attention_of_the_ablation_is_decayed() -> None:
    """A full matrix as little as a few taps: what decay does to them is not what is compared."""
    for name in ("se", "se_var3", "eca"):
        model = TinyResNet(name, 2)
        spared = {id(p) for p in parameter_groups(model, 0.1)[1]["params"]}
        own = [p for key, p in model.named_parameters() if ".attention." in key]
        assert own
        assert {id(p) for p in own} <= spared


@pytest.mark.parametrize("stop_after", [1, 2, 3])
def test_a_stop_and_a_resume_change_nothing(
    stop_after: int, small_imagenette: Path, tmp_path: Path
) -> None:
    """In the middle of a cycle and between two."""
    whole = trainer(small_imagenette)
    done = list(whole.run())
    assert [p.epoch for p in done] == [1, 2, 3, 4]
    assert [p.size for p in done] == [32, 40, 40, 40]
    assert done[-1].seconds_left == 0

    first = trainer(small_imagenette)
    running = first.run()
    for _ in range(stop_after):
        next(running)
    first.save(tmp_path / "checkpoint.pt")
    second = trainer(small_imagenette)
    second.resume(tmp_path / "checkpoint.pt")
    rest = list(second.run())
    assert [p.loss for p in rest] == [p.loss for p in done[stop_after:]]
    for ours, theirs in ((second.model, whole.model), (second.average, whole.average)):
        for key, value in ours.state_dict().items():
            torch.testing.assert_close(value, theirs.state_dict()[key], rtol=0, atol=0)


def test_the_seed_decides(small_imagenette: Path) -> None:
    assert next(trainer(small_imagenette).run()).loss == next(trainer(small_imagenette).run()).loss
    assert (
        next(trainer(small_imagenette, seed=1).run()).loss
        != next(trainer(small_imagenette).run()).loss
    )


@pytest.mark.parametrize(
    ("recipe", "seed", "named"),
    [
        (dataclasses.replace(TINY, ema_decay=0.5), 0, "ema_decay = 0.998 .now 0.5"),
        (TINY, 5, "seed = 0 .now 5"),
    ],
)
def test_another_recipe_does_not_resume(
    recipe: Recipe, seed: int, named: str, small_imagenette: Path, tmp_path: Path
) -> None:
    trainer(small_imagenette).save(tmp_path / "checkpoint.pt")
    other = trainer(small_imagenette, recipe, seed)
    with pytest.raises(DataError, match=named):
        other.resume(tmp_path / "checkpoint.pt")


def test_a_damaged_checkpoint_is_an_error(small_imagenette: Path, tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.pt"
    path.write_bytes(b"no checkpoint")
    with pytest.raises(DataError, match="is not a checkpoint of this training"):
        trainer(small_imagenette).resume(path)


def test_a_stopped_recipe_ends_while_the_rate_still_falls(small_imagenette: Path) -> None:
    """The same steps as the whole recipe's, and then no more."""
    values = {field.name: getattr(TINY, field.name) for field in dataclasses.fields(TINY)}
    stopped = StoppedRecipe(**values, stop_after=3)
    whole = list(trainer(small_imagenette).run())
    running = trainer(small_imagenette, stopped)
    done = list(running.run())
    assert [report.loss for report in done] == [report.loss for report in whole[:3]]
    assert [report.epochs for report in done] == [3, 3, 3]
    assert done[-1].seconds_left == 0
    assert running.optimiser.param_groups[0]["lr"] > 0.05 * SECOND.learning_rate


def test_a_loss_that_is_no_number_stops(small_imagenette: Path) -> None:
    broken = trainer(small_imagenette)
    broken.model.head.weight.data.fill_(float("nan"))
    with pytest.raises(DataError, match="the loss became nan in epoch 1"):
        next(broken.run())
