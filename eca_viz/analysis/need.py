"""Accuracy with changed gates in words and tables."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from eca_viz.locale.texts import text, tr
from eca_viz.records.base import EVERYWHERE
from eca_viz.records.need import (
    CONSTANT,
    ONES,
    PERMUTE,
    UNCHANGED,
    ConditionResult,
    FolderAccuracy,
)

if TYPE_CHECKING:
    import pandas as pd

SIGNIFICANT = 0.05
# Smaller p-values are not told apart.
SMALLEST = 1e-100
TITLES = {
    UNCHANGED: text("Gates as they are"),
    CONSTANT: text("Each channel's mean gate"),
    "layer_mean": text("Each layer's mean"),
    ONES: text("All ones"),
    "half": text("All one half"),
    "shuffle": text("Gates shuffled"),
    PERMUTE: text("Channel order permuted"),
}


def accuracy_table(found: FolderAccuracy) -> pd.DataFrame:
    """A row for each condition."""
    import pandas as pd

    frame = pd.DataFrame([dataclasses.asdict(one) for one in found.conditions])
    frame.insert(3, "top1", [one.top1 for one in found.conditions])
    return frame


def need_lines(found: FolderAccuracy) -> list[str]:
    """A line for each condition, for a terminal, in English."""
    base = found.unchanged
    width = max(len(_title(one)) for one in found.conditions) + 1
    lines = [
        f"{'':<{width}}{'top-1':>8}{'95 % interval':>18}{'points':>9}{'log p':>9}{'lost':>6}"
        f"{'won':>5}  McNemar"
    ]
    for one in found.conditions:
        points = 100 * (one.top1 - base.top1)
        lines.append(
            f"{_title(one):<{width}}{one.top1:>8.4f}{f'{one.low:.4f} – {one.high:.4f}':>18}"
            f"{points:>+9.2f}{one.log_probability:>9.3f}{one.lost:>6}{one.won:>5}  "
            f"p {_value(one.p_value)}"
        )
    return lines


def _value(p: float) -> str:
    return f"= {p:.2g}" if p >= SMALLEST else f"< {SMALLEST:g}"


def _title(one: ConditionResult) -> str:
    title = TITLES.get(one.kind, one.kind)
    if one.share:
        return f"{title}, {one.share:.0%}"
    return title if one.where == EVERYWHERE else f"  {one.where}: {title}"


def finding(found: FolderAccuracy) -> str:
    """Whether the gates of an image are worth anything beyond constants, in one sentence."""
    base = found.unchanged
    everywhere = {one.kind: one for one in found.conditions if one.where == EVERYWHERE}
    constant, ones = everywhere[CONSTANT], everywhere[ONES]
    points = 100 * (base.top1 - constant.top1)
    values = {
        "images": base.images,
        "points": abs(points),
        "with_them": base.top1,
        "constant": constant.top1,
        "reference": tr(found.reference),
        "p": _value(constant.p_value),
        "ones": ones.top1,
    }
    if constant.p_value >= SIGNIFICANT:
        return tr(
            "Over {images:,} images that gates depend on the image is worth nothing that these "
            "images show: {with_them:.2%} with them, {constant:.2%} with each channel's mean gate "
            "over {reference} (McNemar p {p}); without attention (all ones), for which the network "
            "was not trained, {ones:.2%}.",
            **values,
        )
    if points > 0:
        return tr(
            "Over {images:,} images gates that depend on the image are worth {points:.2f} points "
            "of top-1: {with_them:.2%} with them, {constant:.2%} with each channel's mean gate "
            "over {reference} (McNemar p {p}); without attention (all ones), for which the network "
            "was not trained, {ones:.2%}.",
            **values,
        )
    return tr(
        "Over {images:,} images gates that depend on the image cost {points:.2f} points of top-1: "
        "{with_them:.2%} with them, {constant:.2%} with each channel's mean gate over {reference} "
        "(McNemar p {p}); without attention (all ones), for which the network was not trained, "
        "{ones:.2%}.",
        **values,
    )
