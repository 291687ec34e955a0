"""Classes of two networks, matched by index or by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from eca_viz.analysis.familiarity import headline
from eca_viz.locale.texts import tr
from eca_viz.records import Comparison, Explanation, Prediction

if TYPE_CHECKING:
    import pandas as pd

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
    import pandas as pd  # slow to import

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
        [
            (label, _share(comparison.a, ours), _share(comparison.b, theirs))
            for (ours, theirs), label in rows.items()
        ],
        columns=["class", "a", "b"],
    )
    return table.assign(points=100 * (table["a"] - table["b"]))[list(PREDICTION_COLUMNS)]


def verdict(comparison: Comparison) -> str:
    """What each side predicts, in a sentence."""
    if not (comparison.a.predictions and comparison.b.predictions):
        return tr("A: {a}. B: {b}", a=headline(comparison.a), b=headline(comparison.b))
    a, b = comparison.a.predictions[0], comparison.b.predictions[0]
    match = counterpart(comparison, a)
    if match is not None and match.index == b.index:
        return tr(
            "Both predict {label}: A with {a:.1%}, B with {b:.1%}",
            label=tr(a.label),
            a=a.probability,
            b=b.probability,
        )
    return tr(
        "A predicts {label} ({a:.1%}), B {other} ({b:.1%})",
        label=tr(a.label),
        a=a.probability,
        other=tr(b.label),
        b=b.probability,
    )


def change(before: Explanation, after: Explanation) -> str:
    """What changed gates do to a prediction or to a score, in a sentence."""
    if before.score is not None and after.score is not None:
        return tr("Score {before:.5g} before, {now:.5g} now", before=before.score, now=after.score)
    if not before.predictions:
        return tr("Attention of {network}", network=tr(before.network.title))
    was, now = before.predictions[0], after.predictions[0]
    share = float(after.probabilities[was.index])
    if now.index == was.index:
        return tr(
            "Still {label}: {before:.1%} before, {now:.1%} now",
            label=tr(was.label),
            before=was.probability,
            now=share,
        )
    return tr(
        "Now {label} ({probability:.1%}); {other} drops from {before:.1%} to {now:.1%}",
        label=tr(now.label),
        probability=now.probability,
        other=tr(was.label),
        before=was.probability,
        now=share,
    )


def nothing_in_common(comparison: Comparison, table: pd.DataFrame) -> str:
    """Why no row of `prediction_table` has a difference, in a sentence; empty where one has."""
    if table["points"].notna().any():
        return ""
    labels = comparison.a.network.labels, comparison.b.network.labels
    if _namesakes(*labels):
        return tr(
            "None of the best classes of A and of B is a class of both networks, so no "
            "probability of one can be subtracted from that of the other."
        )
    return tr(
        "The networks have no class of the same name, so no probability of B can be subtracted "
        "from one of A."
    )


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
