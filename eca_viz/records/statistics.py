"""Statistics of gates over many images."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eca_viz.errors import SelectionError
from eca_viz.locale.texts import text
from eca_viz.records.base import Floats, Record
from eca_viz.records.network import NetworkRecord

# Bins of a histogram of gates, of equal width over [0, 1].
BINS = 64
# A gate is near 0 below NEAR, near 1 above 1 - NEAR, near one half within NEAR of it. Multiples of
# a bin's width, so that histograms tell them exactly.
NEAR = 4 / BINS
# Before the name of a layer in tables of images: the mean of its gates over the channels.
MEAN_GATE = "mean_gate."

Doubles = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class GateDistribution(Record):
    """The gates and descriptors of one layer over `count` images, an entry for each channel.

    `mean`, `sd`, `low` and `high` (C,) are mean, standard deviation (of the images themselves:
    divided by their number), minimum and maximum of the gate ω, the fields beginning with
    `descriptor_` those of y; `histogram` (C, BINS) counts the gates in bins of [0, 1]; gates
    beyond, which some layers have, are in none. Its integers are as narrow as `count` allows: widen
    them before adding or subtracting.
    """

    count: int
    mean: Doubles
    sd: Doubles
    low: Floats
    high: Floats
    histogram: NDArray[np.integer]
    descriptor_mean: Doubles
    descriptor_sd: Doubles
    descriptor_low: Floats
    descriptor_high: Floats


@dataclass(frozen=True)
class RankedImage:
    """An image among those with the highest or lowest value of a channel.

    `path` is relative to the folder, `sha256` the digest of the file's bytes.
    """

    path: str
    sha256: str
    value: float


@dataclass(frozen=True, eq=False)
class EffectStatistics(Record):
    """The effect gate × gradient of the predicted class's logit, an entry for each channel.

    `mean` and `sd` (C,) over the images; `magnitude` (C,) the mean of its absolute value;
    `highest` and `lowest` the images with the largest and smallest effect of each channel.
    """

    mean: Doubles
    sd: Doubles
    magnitude: Doubles
    highest: tuple[tuple[RankedImage, ...], ...]
    lowest: tuple[tuple[RankedImage, ...], ...]


@dataclass(frozen=True, eq=False)
class LayerStatistics(Record):
    """One attention layer over all images (`total`) and over those of each class by its name.

    `highest` and `lowest` hold for each channel the images with the largest and smallest gate,
    the most extreme first. `effective_rank` in [1, C] is the exponential of the entropy of the
    normalised singular values of the gates less their means, images × channels (Roy & Vetterli
    2007); 0 where no gate differs between images. `effects` are there where they were asked for.
    """

    layer: str
    stage: str
    mechanism: str
    channels: int
    kernel_size: int | None
    total: GateDistribution
    classes: Mapping[str, GateDistribution]
    highest: tuple[tuple[RankedImage, ...], ...]
    lowest: tuple[tuple[RankedImage, ...], ...]
    effective_rank: float
    effects: EffectStatistics | None = None


@dataclass(frozen=True)
class FolderStatistics:
    """Statistics of a network's gates over the images of a folder.

    `classes` are those of the images' labels (`grouped_by` "label"), or the predicted ones
    ("prediction") where no image has a label. `images` were read, `skipped` could not be;
    `accuracy` is the share in [0, 1] of the `labelled` images that are predicted as their label,
    None where no label is one of the network's classes.

    >>> statistics = eca_viz.folder_statistics(folder, "resnet_tiny_eca")
    >>> statistics.images, sorted(statistics.classes)
    (4, ['church', 'tench'])
    >>> statistics.layer("layer4.0.attention").total.mean.shape
    (128,)
    """

    network: NetworkRecord
    folder: str
    grouped_by: str
    layers: tuple[LayerStatistics, ...]
    images: int
    skipped: int
    labelled: int
    accuracy: float | None
    versions: Mapping[str, str]

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, sorted."""
        return tuple(sorted({name for layer in self.layers for name in layer.classes}))

    def layer(self, name: str) -> LayerStatistics:
        """The layer called `name`; raises SelectionError with the valid names."""
        for layer in self.layers:
            if layer.layer == name:
                return layer
        names = ", ".join(layer.layer for layer in self.layers)
        raise SelectionError(
            text(
                "no attention layer {layer!r}; the statistics have {names}",
                layer=name,
                names=names or text("none"),
            )
        )
