"""Saliency maps and their scores: colour limits, tables, words."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from eca_viz.records import SaliencyMap, Scorecard


def saliency_limits(maps: Sequence[SaliencyMap], shared: bool) -> list[float]:
    """For each map the value at the end of its colour scale, always above 0.

    It is the 99.5th percentile of the magnitudes, so that single pixels do not darken the
    rest; if `shared`, the largest of those among the maps of one kind (signed or not).
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
SCORE_COLUMNS = {
    "insertion area": "Mean probability of the class while the map's strongest pixels are put back "
    "into a blurred photograph first: high is good, and only above the random map's does the "
    "map know more than chance.",
    "deletion area": "Mean probability while the strongest pixels are painted over with the mean "
    "colour first: low is good, but painted pixels make a photograph that the network never saw.",
    "infidelity": "The part of the score's falls, when random rectangles are painted over, that "
    "the map's sums over them do not tell: 0 tells all, 1 nothing; maps that only know how large "
    "a rectangle is get what the random map gets.",
    "sensitivity": "The largest relative change of the map under noise that nobody would see: low "
    "is good, but a map that ignores the photograph would have 0.",
    "similarity to shuffled weights": "Rank correlation with the map of the same method on the "
    "network with shuffled weights (after Adebayo et al. 2018): near 0 is good, near 1 means "
    "that the map shows the photograph rather than what the network learnt; empty where the "
    "other map has one value everywhere.",
}


def score_table(scorecard: Scorecard) -> pd.DataFrame:
    """One row per map, the random one last, with the columns of SCORE_COLUMNS."""
    rows = [
        (s.title, s.insertion_area, s.deletion_area, s.infidelity, s.sensitivity, s.similarity)
        for s in scorecard.scores
    ]
    table = pd.DataFrame(rows, columns=["method", *SCORE_COLUMNS])
    return table.astype(dict.fromkeys(SCORE_COLUMNS, "float64"))


def curve_table(scorecard: Scorecard) -> pd.DataFrame:
    """The insertion and deletion curves, one row per map and share of the pixels."""
    parts = [
        pd.DataFrame(
            {
                "method": score.title,
                "share of the pixels": scorecard.shares,
                "probability, inserted": score.insertion,
                "probability, deleted": score.deletion,
            }
        )
        for score in scorecard.scores
    ]
    return pd.concat(parts, ignore_index=True)


def nothing_to_score(scorecard: Scorecard) -> str:
    """A sentence on the maps that have no scores."""
    titles = ", ".join(scorecard.flat)
    return (
        f"Nothing to score: {titles}. A map with the same value everywhere puts no pixel before "
        "another."
    )


def describe(record: SaliencyMap) -> str:
    """A saliency map in words: method, reading, choices, time and how far its sum is off."""
    text = f"{record.title}. {record.reading}"
    for name, value in record.parameters.items():
        if isinstance(value, str):
            text += f" {name.capitalize()}: {value}."
    text += f" {record.seconds:.2f} s."
    if record.convergence_delta is not None:
        text += f" Convergence delta {record.convergence_delta:+.3g}."
    return text
