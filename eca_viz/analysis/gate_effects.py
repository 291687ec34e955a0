"""Whether a gate's size tells how much it matters: arithmetic on measured effects."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from eca_viz.analysis.attention import rank_correlation
from eca_viz.records.explanation import Floats, Record

# Below the one a rank correlation is called next to nothing, from the other on clear.
WEAK, STRONG = 0.2, 0.5


@dataclass(frozen=True, eq=False)
class ChannelEffects(Record):
    """What each gate of one layer does to the logit of the class `target`.

    `change` (C,) is the logit with this channel's gate alone set to its `reference` mean, less
    the `logit` with the gates as they are (`weights`). `attribution` (C,) is Captum's
    gradient × activation of the gates: what a straight line would say their absence costs.
    `seconds` is what the measurement of `change` took.
    """

    layer: str
    target: int
    logit: float
    weights: Floats
    reference: Floats
    change: Floats
    attribution: Floats
    seconds: float


@dataclass(frozen=True, eq=False)
class LayerEffects(Record):
    """The same for whole layers: `change` (L,) of the logit with all gates of a layer usual.

    `distance` (L,) is how far the layer's gates are from the usual ones, on average.
    """

    layers: tuple[str, ...]
    target: int
    logit: float
    change: Floats
    distance: Floats


def effects_table(effects: ChannelEffects) -> pd.DataFrame:
    """One row for each channel, the largest effect first."""
    table = pd.DataFrame(
        {
            "channel": np.arange(len(effects.weights)),
            "weight": effects.weights,
            "reference": effects.reference,
            "change": effects.change,
            "attribution": effects.attribution,
        }
    )
    return table.sort_values("change", key=np.abs, ascending=False, kind="stable")


def effects_in_words(effects: ChannelEffects, label: str) -> str:
    """Whether a gate's size tells how much the channel matters, in one plain sentence."""
    found = rank_correlation(effects.weights, np.abs(effects.change))
    if found is None:
        return "All gates or all effects of this layer are alike, so there is nothing to order."
    measured = f"in this photograph (Spearman's ρ = {found:+.2f} of ω and the size of the effect)"
    if abs(found) < WEAK:
        return (
            f"A gate's size says next to nothing about how much it matters for {label} {measured}."
        )
    degree = "somewhat" if abs(found) < STRONG else "clearly"
    size = "larger" if found > 0 else "smaller"
    return f"Channels with {size} gates matter {degree} more for {label} {measured}."
