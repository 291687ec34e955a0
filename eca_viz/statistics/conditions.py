"""Conditions under which accuracy is measured: changes of the gates, channels set to zero."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from eca_viz.errors import DataError
from eca_viz.gates.change import GateChange
from eca_viz.locale.texts import text
from eca_viz.networks.spec import Network
from eca_viz.records import Floats
from eca_viz.records.base import EVERYWHERE
from eca_viz.records.need import AT_RANDOM, BY_EFFECT, BY_GATE, KINDS, PERMUTE, UNCHANGED
from eca_viz.records.statistics import FolderStatistics, LayerStatistics

SHARES = (0.1, 0.25, 0.5, 0.75, 0.9)
SEEDS = 3


@dataclass(frozen=True, eq=False)
class Condition:
    """What is done to the gates: a change, or factors (C,) by layer that set channels to zero."""

    kind: str
    where: str = EVERYWHERE
    share: float = 0.0
    changes: tuple[GateChange, ...] = ()
    factors: Mapping[str, Floats] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """One for each condition of a run."""
        return f"{self.where}:{self.kind}:{self.share:g}"


def need_conditions(network: Network) -> tuple[Condition, ...]:
    """The gates as they are, and each of KINDS everywhere and in each stage.

    Channels are permuted only where the formula of every layer is known.
    """
    places = (EVERYWHERE, *dict.fromkeys(layer.stage for layer in network.layers))
    unknown = {layer.stage for layer in network.layers if layer.of_unknown_formula}
    unknown |= {EVERYWHERE} if unknown else set()
    changed = [
        Condition(kind, where, changes=(GateChange(kind, where),))
        for where in places
        for kind in KINDS
        if kind != PERMUTE or where not in unknown
    ]
    return (Condition(UNCHANGED), *changed)


def pruning_conditions(statistics: FolderStatistics) -> tuple[Condition, ...]:
    """The gates as they are, and each share of every layer's channels at zero in each order.

    Raises DataError for statistics without effects.
    """
    return (Condition(UNCHANGED), *_pruned(statistics))


def _pruned(statistics: FolderStatistics) -> Iterator[Condition]:
    for name, order in _orders(statistics).items():
        for share in SHARES:
            factors = {layer: _without(weakest, share) for layer, weakest in order.items()}
            yield Condition(name, share=share, factors=factors)


def _orders(statistics: FolderStatistics) -> dict[str, dict[str, np.ndarray]]:
    """By name, the channels of each layer in the order in which they are set to zero."""
    orders: dict[str, dict[str, np.ndarray]] = {
        BY_GATE: {one.layer: np.argsort(one.total.mean) for one in statistics.layers},
        BY_EFFECT: {one.layer: np.argsort(_magnitudes(one)) for one in statistics.layers},
    }
    for seed in range(SEEDS):
        generator = np.random.default_rng(seed)
        orders[f"{AT_RANDOM} {seed}"] = {
            one.layer: generator.permutation(one.channels) for one in statistics.layers
        }
    return orders


def _magnitudes(layer: LayerStatistics) -> np.ndarray:
    if layer.effects is None:
        raise DataError(
            text(
                "these statistics hold no effects, by which channels are ordered; compute them "
                "with `python -m eca_viz statistics --effects`"
            )
        )
    return layer.effects.magnitude


def _without(order: np.ndarray, share: float) -> Floats:
    """Factors (C,): 0 for the first of `order`, 1 for the others."""
    factors = np.ones(len(order), np.float32)
    factors[order[: round(share * len(order))]] = 0
    return factors
