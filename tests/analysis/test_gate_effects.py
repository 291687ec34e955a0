"""Effects of gates in words and as a table, on numbers made by hand."""

import numpy as np
import pytest

from eca_viz.analysis.gate_effects import effects_in_words, effects_table
from eca_viz.records import ChannelEffects


def effects(weights: list[float], change: list[float]) -> ChannelEffects:
    values = [np.array(one, dtype=np.float32) for one in (weights, change)]
    return ChannelEffects(
        layer="layer1",
        target=0,
        logit=1.0,
        weights=values[0],
        reference=np.full(len(weights), 0.5, dtype=np.float32),
        change=values[1],
        attribution=values[1] * 2,
        seconds=0.1,
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ([0.1, -0.2, 0.3, -0.4, 0.5], "larger gates matter clearly more for cat"),
        ([-0.5, 0.4, 0.3, 0.2, 0.1], "smaller gates matter clearly more for cat"),
        ([0.4, 0.2, 0.1, 0.3, -0.5], "larger gates matter somewhat more for cat"),
        ([0.5, 0.2, 0.1, 0.3, 0.4], "hardly predicts"),
        ([0.1, 0.1, 0.1, 0.1, -0.1], "are equal"),
    ],
)
def test_effects_in_words(change: list[float], words: str) -> None:
    assert words in effects_in_words(effects([0.1, 0.2, 0.3, 0.4, 0.5], change), "cat")


def test_the_table_of_effects_starts_with_the_largest() -> None:
    table = effects_table(effects([0.1, 0.2, 0.3], [0.1, -0.5, 0.2]))
    assert list(table["channel"]) == [1, 2, 0]
    assert list(table.columns) == ["channel", "weight", "reference", "change", "attribution"]
