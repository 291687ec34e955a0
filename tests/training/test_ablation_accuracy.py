"""The ablation's shipped weights are those that the table of runs speaks of."""

import pytest

from eca_viz import load_network
from eca_viz.analysis.ablation import read_rows
from eca_viz.networks.bundled.ablation import trained_variants
from eca_viz.paths import ABLATION, ASSETS
from eca_viz.records import Row
from eca_viz.training.ablation import RECIPE, SHIPPED_SEED, recipe_digest

LARGEST_FILE = 24 * 2**20
ALL_FILES = 40 * 2**20


def recorded(variant: str) -> Row:
    (row,) = [
        row
        for row in read_rows(ASSETS / ABLATION)
        if (row.mechanism, row.seed) == (variant, SHIPPED_SEED)
    ]
    return row


@pytest.mark.parametrize("variant", trained_variants(), ids=str)
def test_the_file_holds_its_own_row(variant: str) -> None:
    network = load_network(trained_variants()[variant])
    row = recorded(variant)
    assert network.metadata["run"]["mechanism"] == variant
    assert network.metadata["run"]["top1"] == row.top1 == network.spec.accuracy
    assert row.parameters == sum(p.numel() for p in network.module.parameters())


def test_the_table_was_made_by_the_recipe_that_is_here() -> None:
    assert {row.recipe for row in read_rows(ASSETS / ABLATION)} == {recipe_digest(RECIPE)}


def test_weights_stay_small_enough_for_a_repository() -> None:
    sizes = [path.stat().st_size for path in (ASSETS / "weights").glob("*.safetensors")]
    assert max(sizes) <= LARGEST_FILE
    assert sum(sizes) <= ALL_FILES
