"""Several images as a table: prediction, mean gates, and the gate that stands out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from eca_viz.analysis.attention import mean_gate
from eca_viz.locale.texts import Text, text
from eca_viz.records import Explanation, LayerAttention, ReferenceGates
from eca_viz.records.statistics import MEAN_GATE

if TYPE_CHECKING:
    import pandas as pd


def images_table(explanations: Sequence[Explanation], reference: ReferenceGates) -> pd.DataFrame:
    """A row for each image.

    Args:
        explanations: Of one network.
        reference: Its mean gates; the gate furthest from its own is what stands out.

    Returns:
        The columns image, prediction and probability, or score of a network without classes, where
        it has one, familiarity, stands_out, which is a Text, a mean gate for each layer, and
        sha256.
    """
    import pandas as pd

    table = pd.DataFrame([_row(one) for one in explanations])
    apart = [furthest(one, reference) for one in explanations]
    table["stands_out"] = pd.Series(apart, dtype=object)  # else pandas makes them str
    classes = any(one.predictions for one in explanations)
    absent = [] if classes else ["prediction", "probability"]
    absent += [] if any(one.score is not None for one in explanations) else ["score"]
    return table.drop(columns=absent)


def _row(one: Explanation) -> dict[str, object]:
    best = one.predictions[0] if one.predictions else None
    means = {MEAN_GATE + record.layer: mean_gate(record.weights[0]) for record in one.attention}
    return {
        "image": one.image.name,
        "prediction": best and best.label,
        "probability": best and best.probability,
        "score": one.score,
        "familiarity": one.familiarity,
        "stands_out": None,
        **means,
        "sha256": one.image.sha256,
    }


def furthest(explanation: Explanation, reference: ReferenceGates) -> Text:
    """The gate that is furthest from its mean gate, in words."""
    record = max(
        explanation.attention,
        key=lambda one: float(_apart(one, reference).max()),
    )
    apart = _apart(record, reference)
    channel = int(apart.argmax())
    gate, mean = float(record.weights[0, channel]), float(reference.gates[record.layer][channel])
    return text(
        "{layer} channel {channel}: ω {gate:.2f}, mean {mean:.2f}",
        layer=record.layer,
        channel=channel,
        gate=gate,
        mean=mean,
    )


def _apart(record: LayerAttention, reference: ReferenceGates) -> NDArray[np.float32]:
    """How far each gate is from its mean, 0 where either is not known."""
    apart: NDArray[np.float32] = np.abs(record.weights[0] - reference.gates[record.layer])
    return np.asarray(np.nan_to_num(apart))
