"""Which runs belong to the ablation, and which of them are left; free of torch."""

from collections.abc import Sequence
from dataclasses import dataclass

from eca_viz.attention.variants import SWEEP, VARIANTS
from eca_viz.records import Row


@dataclass(frozen=True)
class Run:
    """One training that belongs to the ablation."""

    mechanism: str
    seed: int


def plan(seeds: int) -> list[Run]:
    """All runs: seed by seed, the paper's variants first and the other kernel sizes after."""
    names = [variant.name for variant in VARIANTS + SWEEP]
    return [Run(name, seed) for seed in range(seeds) for name in names]


def left(rows: Sequence[Row], seeds: int) -> list[Run]:
    """The runs of the plan that no row holds."""
    done = {Run(row.mechanism, row.seed) for row in rows}
    return [run for run in plan(seeds) if run not in done]
