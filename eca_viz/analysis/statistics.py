"""Statistics over many images in words and tables: what differs between classes, saturation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eca_viz.locale.texts import text, tr
from eca_viz.records.statistics import BINS, NEAR, Doubles, FolderStatistics, LayerStatistics

if TYPE_CHECKING:
    import pandas as pd

# The share of a layer's gates from which on it is called close to a constant.
MOSTLY = 0.9
# Images of a class from which on something is said of differences between classes.
FEWEST = 10
_EDGE = round(NEAR * BINS)


@dataclass(frozen=True)
class Saturation:
    """Shares in [0, 1] of a layer's gates, over all images and channels, near 0, ½ and 1."""

    zero: float
    half: float
    one: float


def saturation(layer: LayerStatistics) -> Saturation:
    """How many gates of a layer lie within NEAR of 0, ½ and 1."""
    counts = layer.total.histogram.sum(0) / (layer.total.count * layer.channels)
    middle = BINS // 2
    return Saturation(
        zero=float(counts[:_EDGE].sum()),
        half=float(counts[middle - _EDGE : middle + _EDGE].sum()),
        one=float(counts[-_EDGE:].sum()),
    )


def between_classes(layer: LayerStatistics) -> tuple[Doubles, float]:
    """η², the share in [0, 1] of the variance of gates that lies between classes.

    Returns:
        That of each channel (C,), and of the layer: sums of squares over all its channels. 0 where
        a gate never varies.
    """
    if not layer.classes:
        return np.zeros(layer.channels), 0.0
    counts = np.array([one.count for one in layer.classes.values()], np.float64)[:, None]
    means = np.stack([one.mean for one in layer.classes.values()])
    within = (counts * np.square(np.stack([one.sd for one in layer.classes.values()]))).sum(0)
    centre = (counts * means).sum(0) / counts.sum()
    between = (counts * np.square(means - centre)).sum(0)
    total = between + within
    each = np.divide(between, total, out=np.zeros_like(total), where=total > 0)
    return each, float(between.sum() / total.sum()) if total.sum() > 0 else 0.0


def most_different(statistics: FolderStatistics) -> LayerStatistics:
    """The layer of whose gates' variance the largest share lies between classes."""
    return max(statistics.layers, key=lambda layer: between_classes(layer)[1])


def layer_sentence(layer: LayerStatistics) -> str:
    """Whether a layer is saturated, in one sentence."""
    found = saturation(layer)
    for share, where in ((found.one, "1"), (found.zero, "0"), (found.half, "½")):
        if share >= MOSTLY:
            return tr(
                "{layer} is near {value} for {share:.0%} of gates: close to a constant.",
                layer=layer.layer,
                value=where,
                share=share,
            )
    return tr(
        "{layer}: {ends:.0%} of gates are near 0 or 1, {half:.0%} near ½; its gates vary along "
        "{rank:.1f} of {channels} directions.",
        layer=layer.layer,
        ends=found.zero + found.one,
        half=found.half,
        rank=layer.effective_rank,
        channels=layer.channels,
    )


def depth_sentence(statistics: FolderStatistics) -> str:
    """Whether gates tell classes apart more in late layers, with this network's numbers."""
    shares = [between_classes(layer)[1] for layer in statistics.layers]
    if len(statistics.classes) < 2 or len(shares) < 2:
        return tr("With fewer than two classes or layers nothing can be said of differences.")
    fewest = min(one.count for one in statistics.layers[0].classes.values())
    if fewest < FEWEST:
        return tr(
            "The number of images in the smallest class is {images}: with fewer than {fewest} a "
            "class, nothing can be said of differences between classes, since η² is high by "
            "chance.",
            images=fewest,
            fewest=FEWEST,
        )
    half = len(shares) // 2
    early, late = float(np.mean(shares[:half])), float(np.mean(shares[-half:]))
    values = {
        "early": early,
        "late": late,
        "layer": most_different(statistics).layer,
        "most": max(shares),
    }
    if late > 1.5 * early:
        return tr(
            "In this network, as the SE paper tells, gates differ little between classes in early "
            "layers and more in late ones: classes account for {early:.0%} of the variance of "
            "gates in the first half of its layers and for {late:.0%} in the second; most in "
            "{layer}, {most:.0%}.",
            **values,
        )
    return tr(
        "In this network, against what the SE paper tells, gates do not differ more between "
        "classes in late layers than in early ones: classes account for {early:.0%} of the "
        "variance of gates in the first half of its layers and for {late:.0%} in the second; most "
        "in {layer}, {most:.0%}.",
        **values,
    )


def layers_table(statistics: FolderStatistics) -> pd.DataFrame:
    """A row for each layer: mean gate, spread, η², saturation, effective rank."""
    import pandas as pd

    rows = []
    for layer in statistics.layers:
        found = saturation(layer)
        rows.append(
            {
                text("layer"): layer.layer,
                text("channels"): layer.channels,
                text("mean gate"): float(layer.total.mean.mean()),
                text("spread over channels"): float(layer.total.mean.std()),
                text("spread over images"): float(np.sqrt(np.square(layer.total.sd).mean())),
                text("between classes (η²)"): between_classes(layer)[1],
                text("near 0"): found.zero,
                text("near ½"): found.half,
                text("near 1"): found.one,
                text("effective rank"): layer.effective_rank,
            }
        )
    return pd.DataFrame(rows)


def overview_lines(statistics: FolderStatistics) -> list[str]:
    """What statistics show, for a terminal, in English."""
    table = layers_table(statistics)
    width = max(map(len, table["layer"]))
    names = statistics.classes
    classes = f" in {len(names)} classes by {statistics.grouped_by}" if names else ""
    accuracy = (
        ""
        if statistics.accuracy is None
        else f", top-1 {statistics.accuracy:.4f} on {statistics.labelled:,} labelled"
    )
    lines = [
        f"{statistics.images:,} images{classes}{accuracy}; {statistics.skipped} skipped",
        f"{'':<{width}}{'C':>6}{'mean gate':>11}{'η²':>7}{'near 0':>8}{'near ½':>8}{'near 1':>8}"
        f"{'eff. rank':>11}   (near: within {NEAR:g})",
    ]
    lines += [
        f"{row.layer:<{width}}{row.channels:>6}{row[3]:>11.3f}{row[6]:>7.2f}{row[7]:>8.2f}"
        f"{row[8]:>8.2f}{row[9]:>8.2f}{row[10]:>11.1f}"
        for row in table.itertuples()
    ]
    return [*lines, depth_sentence(statistics)]
