"""Saliency maps and their scores: limits of colour scales, tables, words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from eca_viz.locale.texts import Text, listed, text, tr
from eca_viz.records import MapScore, SaliencyMap, Scorecard

if TYPE_CHECKING:
    import pandas as pd


def saliency_limits(maps: Sequence[SaliencyMap], shared: bool) -> list[float]:
    """For each map the value at the end of its colour scale, always above 0.

    It is the 99.5th percentile of the magnitudes, so that single pixels do not make the others
    pale; if `shared`, the largest of those among the maps of one kind (signed or not).
    """
    own = [
        float(np.percentile(np.abs(m.values), 99.5)) or float(np.abs(m.values).max()) for m in maps
    ]
    if shared:
        own = [
            max(limit for limit, other in zip(own, maps, strict=True) if other.signed == m.signed)
            for m in maps
        ]
    return [limit or 1.0 for limit in own]


# The columns of `score_table`, and a sentence on how to read each.
SCORE_COLUMNS: dict[str, Text] = {
    text("insertion area"): text(
        "Mean probability of the class while the pixels with the largest values are "
        "put back into a blurred image first: high is good, and only a map above the random "
        "baseline ranks pixels better than at random."
    ),
    text("deletion area"): text(
        "Mean probability while the pixels with the largest values are painted over "
        "with the mean colour first: low is good, but such images are unlike those of the training."
    ),
    text("infidelity"): text(
        "The part of the score drops, when random rectangles are painted over, that the "
        "map's sums over them do not predict: 0 predicts all, 1 nothing; a map that reflects only "
        "the size of a rectangle gets the value of the random baseline."
    ),
    text("sensitivity"): text(
        "The largest relative change of the map under noise that nobody would see: low "
        "is good, but a map that ignores the image would have 0."
    ),
    text("similarity to shuffled weights"): text(
        "Rank correlation with the map of the same method on the "
        "network with randomised weights (after Adebayo et al. 2018): near 0 is good, near 1 means "
        "that the map depends on the image rather than on the trained weights; empty where the "
        "other map has one value everywhere."
    ),
}


def score_table(scores: Sequence[MapScore]) -> pd.DataFrame:
    """One row per map, with the columns of SCORE_COLUMNS."""
    import pandas as pd  # slow to import

    rows = [
        (s.title, s.insertion_area, s.deletion_area, s.infidelity, s.sensitivity, s.similarity)
        for s in scores
    ]
    table = pd.DataFrame(rows, columns=[text("method"), *SCORE_COLUMNS])
    return table.astype(dict.fromkeys(SCORE_COLUMNS, "float64"))


def curve_table(scorecard: Scorecard) -> pd.DataFrame:
    """The insertion and deletion curves, one row per map and share of the pixels."""
    import pandas as pd  # slow to import

    parts = [
        pd.DataFrame(
            {
                text("method"): score.title,
                text("share of the pixels"): scorecard.shares,
                text("probability, inserted"): score.insertion,
                text("probability, deleted"): score.deletion,
            }
        )
        for score in scorecard.scores
    ]
    return pd.concat(parts, ignore_index=True)


def nothing_to_score(scorecard: Scorecard) -> str:
    """A sentence on the maps that have no scores."""
    return tr(
        "Nothing to score: {maps}. A map with the same value everywhere ranks no pixel before "
        "another.",
        maps=listed(scorecard.flat),
    )


def describe(record: SaliencyMap) -> str:
    """A saliency map in words: method, reading, choices, time and convergence delta."""
    said = [tr("{sentence}.", sentence=tr(record.title)), tr(record.reading)]
    for name, value in record.parameters.items():
        if isinstance(value, str):
            said.append(tr("{name}: {value}.", name=_choice(name), value=tr(value)))
    said.append(f"{record.seconds:.2f} s.")
    if record.convergence_delta is not None:
        said.append(tr("Convergence delta {delta:+.3g}.", delta=record.convergence_delta))
    return " ".join(said)


def _choice(name: str) -> str:
    """What a method's parameter whose value is a word is called."""
    if name == "layer":
        return tr("Layer")
    return tr("Method") if name == "method" else name.capitalize()
