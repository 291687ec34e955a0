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
    their indices. `squeezing` is what an SE layer of another network computed, `bottleneck` the
    arithmetic of its bottleneck.
    """

    layer: str
    maps: Mapping[int, Floats]
    squeezing: LayerAttention
    bottleneck: Bottleneck
