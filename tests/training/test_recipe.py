"""The recipe as data: epochs, cycles and sizes."""

import dataclasses

import pytest

from eca_viz.training.recipe import BUNDLED, Cycle, Recipe


def test_sizes_take_equal_parts_of_the_epochs() -> None:
    long = Cycle(epochs=6, sizes=(96, 112, 128), learning_rate=1e-3, mix_probability=0.2)
    short = Cycle(epochs=2, sizes=(40,), learning_rate=5e-4, mix_probability=0.8)
    recipe = Recipe(cycles=(long, short))
    assert recipe.epochs == 8
    sizes = [recipe.size_at(epoch) for epoch in range(8)]
    assert sizes == [96, 96, 112, 112, 128, 128, 40, 40]
    assert Recipe(cycles=(dataclasses.replace(long, epochs=1),)).size_at(0) == 96
    assert recipe.cycle_at(7) == (short, 1)
    with pytest.raises(IndexError, match="8 epochs"):
        recipe.cycle_at(8)


def test_the_bundled_recipe_stops_in_its_last_third() -> None:
    assert BUNDLED.epochs == BUNDLED.stop_after < BUNDLED.cycles[0].epochs
    assert [BUNDLED.size_at(epoch) for epoch in (0, 200, BUNDLED.epochs - 1)] == [112, 128, 144]
