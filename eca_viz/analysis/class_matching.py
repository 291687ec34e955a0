"""Classes of two networks, matched by index or by name."""

from collections import Counter
from collections.abc import Sequence

import pandas as pd

from eca_viz.records import Comparison, Explanation, Prediction

PREDICTION_COLUMNS = ("class", "a", "b", "points")


def same_classes(comparison: Comparison) -> bool:
    """Whether both networks have the same classes in the same order."""
    return comparison.a.network.labels == comparison.b.network.labels


def prediction_table(comparison: Comparison) -> pd.DataFrame:
    """The best classes of A and of B: PREDICTION_COLUMNS, A's order first.

    `points` is A − B in percentage points. Different classes are matched by name (the first of
    several synonyms, regardless of case); where a network has no class of that name, or several,
    its probability is NaN.
    """
    if same_classes(comparison):
        places = {index: index for index in range(len(comparison.a.network.labels))}
    else:
        places = _namesakes(comparison.a.network.labels, comparison.b.network.labels)
    back = {theirs: ours for ours, theirs in places.items()}
    rows: dict[tuple[int | None, int | None], str] = {}
    for best in comparison.a.predictions:
        rows[best.index, places.get(best.index)] = best.label
    for best in comparison.b.predictions:
        rows.setdefault((back.get(best.index), best.index), best.label)
    table = pd.DataFrame(
        {
            "class": label,
            "a": _share(comparison.a, ours),
            "b": _share(comparison.b, theirs),
        }
        for (ours, theirs), label in rows.items()
    )
    return table.assign(points=100 * (table["a"] - table["b"]))[list(PREDICTION_COLUMNS)]


def _namesakes(a: Sequence[str], b: Sequence[str]) -> dict[int, int]:
    """Index in A to index in B of the classes whose name each has exactly once."""
    ours, theirs = _single(a), _single(b)
    return {index: theirs[name] for name, index in ours.items() if name in theirs}


def _single(labels: Sequence[str]) -> dict[str, int]:
    names = [label.partition(",")[0].strip().casefold() for label in labels]
    often = Counter(names)
    return {name: index for index, name in enumerate(names) if often[name] == 1}


def _share(explanation: Explanation, index: int | None) -> float:
    return float("nan") if index is None else float(explanation.probabilities[index])


def counterpart(comparison: Comparison, target: Prediction) -> Prediction | None:
    """B's class for a class of A; None where B has no class of that name, or several."""
    labels = comparison.b.network.labels
    if same_classes(comparison):
        index: int | None = target.index
    else:
        index = _namesakes(comparison.a.network.labels, labels).get(target.index)
    if index is None:
        return None
    return Prediction(index, labels[index], float(comparison.b.probabilities[index]))
