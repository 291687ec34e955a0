"""The ablation on a small data set: alike at the start, resumable, never of two recipes."""

import dataclasses
from pathlib import Path

import pytest
import torch

from eca_viz.analysis.ablation import read_rows
from eca_viz.attention.variants import SWEEP, VARIANTS
from eca_viz.errors import DataError
from eca_viz.networks.architectures.ablation_resnet import TinyResNet
from eca_viz.networks.files.trusted import digest, read_weights
from eca_viz.paths import ABLATION
from eca_viz.records import Row
from eca_viz.training.ablation import ablate
from eca_viz.training.plan import Run, left, plan
from eca_viz.training.recipe import Recipe
from tests.factories import SHORT, SHORT_PLAN


@pytest.fixture
def short_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eca_viz.training.plan.plan", lambda seeds: SHORT_PLAN)


def run(data: Path, out: Path, recipe: Recipe = SHORT, jobs: int = 1) -> list[Row]:
    rows = ablate(
        data, out, out / "assets", seeds=2, jobs=jobs, recipe=recipe, report=lambda line: None
    )
    return list(rows)


def test_the_plan_goes_seed_by_seed_and_the_papers_variants_first() -> None:
    runs = plan(3)
    names = [variant.name for variant in VARIANTS + SWEEP]
    assert runs == [Run(name, seed) for seed in range(3) for name in names]
    assert names[:11] == [variant.name for variant in VARIANTS]
    assert {"eca_k1", "eca_k3", "eca_k5", "eca_k7", "eca_k9", "eca"} <= set(names)
    assert len(set(names)) == len(names)


def test_all_start_from_the_same_backbone() -> None:
    def backbone(name: str) -> dict[str, torch.Tensor]:
        torch.manual_seed(5)
        state = TinyResNet(name, 10).state_dict()
        return {key: value for key, value in state.items() if ".attention." not in key}

    reference = backbone("none")
    for variant in VARIANTS + SWEEP:
        own = backbone(variant.name)
        assert own.keys() == reference.keys()
        assert all(torch.equal(own[key], reference[key]) for key in own), variant.name


@pytest.mark.usefixtures("short_plan")
def test_trains_what_is_left_and_nothing_twice(small_imagenette: Path, tmp_path: Path) -> None:
    rows = run(small_imagenette, tmp_path)
    assert [Run(row.mechanism, row.seed) for row in rows] == SHORT_PLAN
    table = tmp_path / "assets" / ABLATION
    assert read_rows(table) == rows
    assert rows[0].attention_parameters == 32 + 64 + 128 + 128
    assert rows[0].images == 10
    assert run(small_imagenette, tmp_path) == []

    lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
    table.write_text("".join(lines[:2]), encoding="utf-8")
    assert left(read_rows(table), 2) == SHORT_PLAN[1:]
    again = run(small_imagenette, tmp_path)
    assert [dataclasses.replace(row, seconds=0) for row in again] == [
        dataclasses.replace(row, seconds=0) for row in rows[1:]
    ]


@pytest.mark.usefixtures("short_plan")
def test_seed_0_of_the_papers_variants_is_shipped(small_imagenette: Path, tmp_path: Path) -> None:
    rows = run(small_imagenette, tmp_path)
    shipped = tmp_path / "assets" / "weights"
    names = ["resnet_tiny_eca.safetensors", "resnet_tiny_se_var2.safetensors"]
    assert sorted(path.name for path in shipped.iterdir()) == names
    path = shipped / names[0]
    tensors, metadata = read_weights(path, digest(path))
    assert metadata["run"] == dataclasses.asdict(rows[1])
    assert all(t.dtype == torch.float16 for t in tensors.values() if t.is_floating_point())


@pytest.mark.usefixtures("short_plan")
def test_runs_of_another_recipe_are_not_mixed_in(small_imagenette: Path, tmp_path: Path) -> None:
    run(small_imagenette, tmp_path)
    other = dataclasses.replace(SHORT, ema_decay=0.5)
    with pytest.raises(DataError, match="holds runs of the recipe"):
        run(small_imagenette, tmp_path, other)


def test_two_processes_train_the_same_as_one(
    small_imagenette: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eca_viz.training.plan.plan", lambda seeds: SHORT_PLAN[:2])
    rows = {row.mechanism: row for row in run(small_imagenette, tmp_path / "two", jobs=2)}
    assert set(rows) == {"se_var2", "eca"}
    table = read_rows(tmp_path / "two" / "assets" / ABLATION)
    assert sorted(table, key=lambda row: row.mechanism) == [rows["eca"], rows["se_var2"]]


def test_missing_data_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no Imagenette in"):
        run(tmp_path, tmp_path)
