"""Gates of all layers: their table, their order and their range."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from eca_viz.records import Floats, LayerAttention

if TYPE_CHECKING:
    import pandas as pd

ATTENTION_COLUMNS = (
    "layer",
    "stage",
    "order",
    "mechanism",
    "channels",
    "kernel_size",
    "reduction",
    "channel",
    "descriptor",
    "logit",
    "weight",
)


def attention_table(attention: Sequence[LayerAttention]) -> pd.DataFrame:
    """One row per layer and channel of the batch's first image: ATTENTION_COLUMNS."""
    import pandas as pd  # slow to import

    if not attention:
        return pd.DataFrame(columns=list(ATTENTION_COLUMNS))
    parts = [
        pd.DataFrame(
            {
                "layer": record.layer,
                "stage": record.stage,
                "order": record.order,
                "mechanism": record.mechanism,
                "channels": record.channels,
                "kernel_size": record.kernel_size,
                "reduction": record.reduction,
                "channel": np.arange(record.channels),
                "descriptor": record.descriptor[0],
                "logit": record.logits[0],
                "weight": record.weights[0],
            }
        )
        for record in attention
    ]
    table = pd.concat(parts, ignore_index=True)[list(ATTENTION_COLUMNS)]
    return table.astype({"kernel_size": "Int64", "reduction": "Float64"})


def by_stage(attention: Sequence[LayerAttention]) -> dict[str, list[LayerAttention]]:
    """The layers of each stage, in the order of the forward pass."""
    stages: dict[str, list[LayerAttention]] = {}
    for record in attention:
        stages.setdefault(record.stage, []).append(record)
    return stages


def strongest_and_weakest(record: LayerAttention, count: int = 5) -> tuple[list[int], list[int]]:
    """Channels with the largest gates, largest first, and the smallest, smallest first.

    Those whose gate is no number are in neither.
    """
    order = np.argsort(record.weights[0], kind="stable")
    order = order[np.isfinite(record.weights[0][order])]
    return [int(c) for c in order[::-1][:count]], [int(c) for c in order[:count]]


def known(gates: Floats) -> Floats:
    """The gates that are numbers."""
    return gates[np.isfinite(gates)]


def mean_gate(gates: Floats) -> float:
    """The mean of the gates that are numbers, NaN without any."""
    found = known(gates)
    return float(found.mean()) if found.size else float("nan")


def gate_range(attention: Sequence[LayerAttention]) -> tuple[float, float]:
    """Smallest and largest gate of all layers, rounded outwards to tenths; 0 and 1 without any."""
    found = [gates for record in attention if len(gates := known(record.weights))]
    if not found:
        return 0.0, 1.0
    low = min(float(gates.min()) for gates in found)
    high = max(float(gates.max()) for gates in found)
    return float(np.floor(low * 10) / 10), float(np.ceil(high * 10) / 10)


def widest(attention: Sequence[LayerAttention]) -> LayerAttention:
    """The layer whose gates have the largest standard deviation; the first of equal ones."""
    return max(attention, key=lambda record: spread(record.weights[0]))


def spread(gates: Floats) -> float:
    """The standard deviation of the gates that are numbers, 0 without any."""
    found = known(gates)
    return float(found.std()) if found.size else 0.0


def standing_out(record: LayerAttention) -> int:
    """The channel whose gate is farthest from the layer's mean, its window free of padding.

    Channels near an end of a layer with few of them are taken where there are no others.
    """
    margin = (record.kernel_size or 1) // 2
    inner = np.arange(record.channels)[margin : record.channels - margin]
    if not len(inner):
        inner = np.arange(record.channels)
    distances = np.nan_to_num(np.abs(record.weights[0] - mean_gate(record.weights[0])))
    return int(inner[np.argmax(distances[inner])])
