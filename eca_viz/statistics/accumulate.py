"""Statistics that can be merged: any split of the images and any order give the same.

Counts, histograms, extremes and ranked images are the same exactly, means and spreads up to
rounding in float64. `zero` is the statistics of no images, `add` those with more images, `merge`
those of two sets of images, `result` what a person reads. Nothing grows with their number.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from eca_viz.records import LayerAttention
from eca_viz.records.base import Floats
from eca_viz.records.statistics import (
    BINS,
    Counts,
    EffectStatistics,
    GateDistribution,
    LayerStatistics,
)
from eca_viz.statistics.moments import Moments, Products, Ranking

# The class of images without a label among labelled ones; they count in the total alone.
NO_CLASS = ""


@dataclass(frozen=True, eq=False)
class ClassPart:
    """Gates and descriptors of the images of one class in one layer.

    The counts of `histogram` have the narrowest unsigned type that holds the number of images: a
    thousand classes of a thousand images each take a third of what int64 would, moments included.
    """

    gates: Moments
    descriptor: Moments
    histogram: NDArray[np.unsignedinteger]

    @classmethod
    def of(cls, gates: Floats, descriptor: Floats) -> ClassPart:
        """Those of at least one row (n, C)."""
        return cls(Moments.of(gates), Moments.of(descriptor), _histogram(gates))

    def merge(self, other: ClassPart) -> ClassPart:
        """Those of both."""
        gates = self.gates.merge(other.gates)
        narrow = np.min_scalar_type(gates.count)
        return ClassPart(
            gates,
            self.descriptor.merge(other.descriptor),
            # Unsafe as far as NumPy knows: the count says that each number fits.
            np.add(self.histogram, other.histogram, dtype=narrow, casting="unsafe"),
        )

    def result(self) -> GateDistribution:
        """What a person reads."""
        gates, descriptor = self.gates, self.descriptor
        return GateDistribution(
            count=gates.count,
            mean=gates.mean,
            sd=gates.sd,
            low=gates.low,
            high=gates.high,
            histogram=self.histogram,
            descriptor_mean=descriptor.mean,
            descriptor_sd=descriptor.sd,
            descriptor_low=descriptor.low,
            descriptor_high=descriptor.high,
        )


def _histogram(gates: Floats) -> NDArray[np.unsignedinteger]:
    """How many gates (n, C) of each channel lie in each bin, (C, BINS); see GateDistribution."""
    bins = np.minimum((gates * np.float32(BINS)).astype(np.int64), BINS - 1)
    channels = gates.shape[1]
    places = (bins + np.arange(channels) * BINS)[(gates >= 0) & (gates <= 1)]
    counts = np.bincount(places, minlength=channels * BINS).reshape(channels, BINS)
    return counts.astype(np.min_scalar_type(len(gates)))


@dataclass(frozen=True, eq=False)
class EffectPart:
    """Effects, their magnitudes, and the images in which they are largest and smallest."""

    effects: Moments
    magnitudes: Moments
    highest: Ranking
    lowest: Ranking

    @classmethod
    def of(cls, effects: Floats, images: Counts) -> EffectPart:
        """Those of at least one row (n, C) of the `images` (n,)."""
        return cls(
            Moments.of(effects),
            Moments.of(np.abs(effects)),
            Ranking.of(effects, images, largest=True),
            Ranking.of(effects, images, largest=False),
        )

    def merge(self, other: EffectPart) -> EffectPart:
        """Those of both."""
        return EffectPart(
            self.effects.merge(other.effects),
            self.magnitudes.merge(other.magnitudes),
            self.highest.merge(other.highest),
            self.lowest.merge(other.lowest),
        )


@dataclass(frozen=True, eq=False)
class LayerPart:
    """One layer: each class, ranked images, and how its gates vary together."""

    classes: dict[str, ClassPart]
    highest: Ranking
    lowest: Ranking
    together: Products
    effects: EffectPart | None

    @classmethod
    def of(
        cls,
        record: LayerAttention,
        classes: Sequence[str],
        images: Counts,
        effects: Floats | None,
    ) -> LayerPart:
        """That of at least one image.

        Args:
            record: What the layer computed for n images.
            classes: The class of each.
            images: The number of each, (n,).
            effects: Gate × gradient (n, C), where it was asked for.

        Returns:
            The part.
        """
        names = np.array(classes)
        gates, descriptor = record.weights, record.descriptor
        return cls(
            {
                str(name): ClassPart.of(gates[names == name], descriptor[names == name])
                for name in np.unique(names)
            },
            Ranking.of(gates, images, largest=True),
            Ranking.of(gates, images, largest=False),
            Products.of(gates),
            None if effects is None else EffectPart.of(effects, images),
        )

    def merge(self, other: LayerPart) -> LayerPart:
        """That of both."""
        classes = dict(self.classes)
        for name, theirs in other.classes.items():
            classes[name] = classes[name].merge(theirs) if name in classes else theirs
        effects = None
        if self.effects is not None and other.effects is not None:
            effects = self.effects.merge(other.effects)
        return LayerPart(
            classes,
            self.highest.merge(other.highest),
            self.lowest.merge(other.lowest),
            self.together.merge(other.together),
            effects,
        )

    def result(
        self, record: LayerAttention, name: Callable[[int], tuple[str, str]]
    ) -> LayerStatistics:
        """What a person reads.

        Args:
            record: The layer, of any image.
            name: Gives path and digest of an image by its number.

        Returns:
            The layer's statistics.
        """
        known = {key: part.result() for key, part in sorted(self.classes.items()) if key}
        effects = None
        if self.effects is not None:
            effects = EffectStatistics(
                mean=self.effects.effects.mean,
                sd=self.effects.effects.sd,
                magnitude=self.effects.magnitudes.mean,
                highest=self.effects.highest.named(name),
                lowest=self.effects.lowest.named(name),
            )
        return LayerStatistics(
            layer=record.layer,
            stage=record.stage,
            mechanism=record.mechanism,
            channels=record.channels,
            kernel_size=record.kernel_size,
            total=reduce(ClassPart.merge, self.classes.values()).result(),
            classes=known,
            highest=self.highest.named(name),
            lowest=self.lowest.named(name),
            effective_rank=self.together.effective_rank(),
            effects=effects,
        )


@dataclass(frozen=True, eq=False)
class Part:
    """All layers by name, over a set of images; none where there is no image yet."""

    layers: dict[str, LayerPart]

    @classmethod
    def zero(cls) -> Part:
        """That of no images."""
        return cls({})

    def add(
        self,
        attention: Sequence[LayerAttention],
        classes: Sequence[str],
        images: Counts,
        effects: Mapping[str, Floats] | None = None,
    ) -> Part:
        """That of the images so far and of n more; a layer counts those whose gates are all known.

        Args:
            attention: What each layer computed for them.
            classes: The class of each, NO_CLASS without one.
            images: The number of each, (n,), by which equal values are ordered.
            effects: Gate × gradient (n, C) by layer, where it was asked for.

        Returns:
            The part; this one is not changed.
        """
        if not len(images):
            return self
        layers, names = {}, np.array(classes)
        for record in attention:
            known = np.asarray(np.isfinite(record.weights).all(1))
            if not known.any():
                continue
            given = (effects or {}).get(record.layer)
            layers[record.layer] = LayerPart.of(
                record if known.all() else cut(record, known),
                names[known].tolist(),
                images[known],
                None if given is None else given[known],
            )
        return self.merge(Part(layers))

    def merge(self, other: Part) -> Part:
        """That of both sets of images, which have none in common."""
        if not self.layers or not other.layers:
            return other if other.layers else self
        both = {
            key: part.merge(other.layers[key])
            for key, part in self.layers.items()
            if key in other.layers
        }
        return Part({**self.layers, **other.layers, **both})

    def result(
        self, attention: Sequence[LayerAttention], name: Callable[[int], tuple[str, str]]
    ) -> tuple[LayerStatistics, ...]:
        """What a person reads.

        Args:
            attention: The layers in their order, of any image.
            name: Gives path and digest of an image by its number.

        Returns:
            Each layer's statistics.
        """
        return tuple(
            self.layers[one.layer].result(one, name)
            for one in attention
            if one.layer in self.layers
        )


def cut(record: LayerAttention, kept: np.ndarray) -> LayerAttention:
    """A layer over some of its images, given by their places or a mask."""
    return dataclasses.replace(
        record,
        descriptor=record.descriptor[kept],
        logits=record.logits[kept],
        weights=record.weights[kept],
        maximum=None if record.maximum is None else record.maximum[kept],
        deviation=None if record.deviation is None else record.deviation[kept],
    )
