"""Several images as a table: prediction, mean gates, and the gate that stands out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from eca_viz.records import Explanation, ReferenceGates
from eca_viz.records.statistics import MEAN_GATE

if TYPE_CHECKING:
    import pandas as pd


def images_table(explanations: Sequence[Explanation], reference: ReferenceGates) -> pd.DataFrame:
    """A row for each image.

    Args:
        explanations: Of one network.
        reference: Its mean gates; the gate furthest from its own is what stands out.

    Returns:
        The columns image, prediction, probability, familiarity, stands_out, a mean gate for each
        layer, and sha256.
    """
    import pandas as pd

    return pd.DataFrame([_row(one, reference) for one in explanations])


def _row(one: Explanation, reference: ReferenceGates) -> dict[str, object]:
    best = one.predictions[0]
    means = {MEAN_GATE + record.layer: float(record.weights[0].mean()) for record in one.attention}
    return {
        "image": one.image.name,
        "prediction": best.label,
        "probability": best.probability,
        "familiarity": one.familiarity,
        "stands_out": furthest(one, reference),
        **means,
        "sha256": one.image.sha256,
    }


def furthest(explanation: Explanation, reference: ReferenceGates) -> str:
    """The gate that is furthest from its mean gate, in words."""
    record = max(
        explanation.attention,
        key=lambda one: float(np.abs(one.weights[0] - reference.gates[one.layer]).max()),
    )
    apart = np.abs(record.weights[0] - reference.gates[record.layer])
    channel = int(apart.argmax())
    gate, mean = float(record.weights[0, channel]), float(reference.gates[record.layer][channel])
    return f"{record.layer} channel {channel}: ω {gate:.2f}, mean {mean:.2f}"
