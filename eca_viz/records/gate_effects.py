"""What gates do to the logit of a class."""

from dataclasses import dataclass

from eca_viz.records.base import Floats, Record


@dataclass(frozen=True, eq=False)
class ChannelEffects(Record):
    """What each gate of one layer does to the logit of the class `target`.

    `change` (C,) is the logit with this channel's gate alone set to its `reference` mean, less
    the `logit` with the gates as they are (`weights`). `attribution` (C,) is Captum's
    gradient × activation of the gates: what a straight line would say their absence costs.
    `seconds` is what the measurement of `change` took.
    """

    layer: str
    target: int
    logit: float
    weights: Floats
    reference: Floats
    change: Floats
    attribution: Floats
    seconds: float


@dataclass(frozen=True, eq=False)
class LayerEffects(Record):
    """The same for whole layers: `change` (L,) of the logit with all gates of a layer usual.

    `distance` (L,) is how far the layer's gates are from the usual ones, on average.
    """

    layers: tuple[str, ...]
    target: int
    logit: float
    change: Floats
    distance: Floats
