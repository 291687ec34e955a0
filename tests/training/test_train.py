"""train() from start to weights file, on a small data set."""

from pathlib import Path

import torch
from torch import nn

from eca_viz.networks.files.trusted import digest, read_weights
from eca_viz.networks.registry import find_network
from eca_viz.networks.state import load_weights, prepare
from eca_viz.training.evaluate import evaluate
from eca_viz.training.recipe import Cycle, Recipe
from eca_viz.training.train import CHECKPOINT, LOG, train
from eca_viz.training.trainer import EpochReport

NAME = "eca_resnet18_imagenette"


def test_leaves_weights_log_and_checkpoint(small_imagenette: Path, tmp_path: Path) -> None:
    cycle = Cycle(epochs=2, sizes=(32,), learning_rate=1e-3, mix_probability=0.5)
    recipe = Recipe(cycles=(cycle,), batch_size=8)
    seen: list[EpochReport] = []

    def run() -> tuple[Path, float]:
        return train(NAME, small_imagenette, tmp_path, recipe=recipe, seed=4, report=seen.append)

    path, accuracy = run()
    assert [p.epoch for p in seen] == [1, 2]
    assert (tmp_path / CHECKPOINT).exists()
    log = (tmp_path / LOG).read_text().splitlines()
    assert [line.split(",")[:2] for line in log] == [["1", "32"], ["2", "32"]]

    tensors, metadata = read_weights(path, digest(path))
    assert metadata["recipe"]["cycles"][0]["epochs"] == 2
    assert metadata["seed"] == 4
    assert metadata["trained_on"] == "cpu"
    assert metadata["validation_images"] == 10
    assert all(t.dtype == torch.float16 for t in tensors.values() if t.is_floating_point())

    spec = find_network(NAME)
    module = spec.build(spec.classes)
    load_weights(module, tensors, NAME)
    again, images = evaluate(prepare(module), spec.preprocess, small_imagenette, lambda *_: None)
    assert (round(again, 4), images) == (metadata["top1"], 10)
    assert again == accuracy

    weights = digest(path)
    run()
    assert len(seen) == 2, "a finished training is not repeated"
    assert digest(path) == weights


def test_evaluate_counts_right_answers(small_imagenette: Path) -> None:
    class Always(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.eye(10)[[3]].expand(len(x), 10)

    done: list[tuple[int, int]] = []
    preprocess = find_network(NAME).preprocess
    accuracy, images = evaluate(
        Always(), preprocess, small_imagenette, lambda *now: done.append(now)
    )
    assert (accuracy, images) == (0.1, 10)
    assert done == [(10, 10)]
