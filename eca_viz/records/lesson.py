"""What the first steps of the lesson show of an image."""

from collections.abc import Mapping
from dataclasses import dataclass

from eca_viz.records.attention import LayerAttention
from eca_viz.records.base import Floats, Record
from eca_viz.records.channel_steps import Bottleneck


@dataclass(frozen=True, eq=False)
class LessonStart(Record):
    """Some feature maps of a network, and the bottleneck of another one, for the same image.

    `maps` holds the input (H, W) of the attention layer called `layer` for some of its channels, by
    their indices; of sequences it is one row, of volumes the mean over their depth. `varying` are
    the channels among them that vary over the image, each in another way. `squeezing` is what an
    SE layer of another network computed, `bottleneck` the arithmetic of its bottleneck.
    """

    layer: str
    varying: tuple[int, ...]
    maps: Mapping[int, Floats]
    squeezing: LayerAttention
    bottleneck: Bottleneck


def flat_map(values: Floats) -> Floats:
    """A feature map with two sides: of a sequence one row, of a volume the mean over its depth."""
    rows = values[None] if values.ndim == 1 else values
    flat: Floats = rows.mean(axis=tuple(range(rows.ndim - 2))) if rows.ndim > 2 else rows
    return flat
