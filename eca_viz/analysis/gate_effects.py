"""Measured effects of gates: their table, and how they go with the size of the gates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eca_viz.analysis.matrices import rank_correlation
from eca_viz.locale.texts import tr
from eca_viz.records import ChannelEffects

if TYPE_CHECKING:
    import pandas as pd

# Rank correlations below WEAK are called negligible in words, from STRONG on clear.
WEAK, STRONG = 0.2, 0.5


def effects_table(effects: ChannelEffects) -> pd.DataFrame:
    """One row for each channel, the largest effect first."""
    import pandas as pd  # slow to import

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
    """How the size of the gates goes with the size of their effects, in one sentence."""
    found = rank_correlation(effects.weights, np.abs(effects.change))
    if found is None:
        return tr("All gates or all effects of this layer are equal, so there is nothing to order.")
    values = {"label": tr(label), "found": found}
    if abs(found) < WEAK:
        return tr(
            "A gate's size hardly predicts how much it matters for {label} in this image "
            "(Spearman's ρ = {found:+.2f} of gate ω and the size of the effect).",
            **values,
        )
    if found > 0:
        return (
            tr(
                "Channels with larger gates matter somewhat more for {label} in this image "
                "(Spearman's ρ = {found:+.2f} of gate ω and the size of the effect).",
                **values,
            )
            if found < STRONG
            else tr(
                "Channels with larger gates matter clearly more for {label} in this image "
                "(Spearman's ρ = {found:+.2f} of gate ω and the size of the effect).",
                **values,
            )
        )
    return (
        tr(
            "Channels with smaller gates matter somewhat more for {label} in this image "
            "(Spearman's ρ = {found:+.2f} of gate ω and the size of the effect).",
            **values,
        )
        if -found < STRONG
        else tr(
            "Channels with smaller gates matter clearly more for {label} in this image "
            "(Spearman's ρ = {found:+.2f} of gate ω and the size of the effect).",
            **values,
        )
    )
