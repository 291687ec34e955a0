"""Measured effects of gates on the logit of a class."""

from dataclasses import dataclass

from eca_viz.records.base import Floats, Record


@dataclass(frozen=True, eq=False)
class ChannelEffects(Record):
    """The effect of each gate of one layer on the logit of the class `target`.

    `change` (C,) is the logit with this channel's gate alone set to its mean gate (`reference`),
    less the `logit` with the gates as they are (`weights`). `attribution` (C,) is Captum's
    gradient × activation of the gates, a linear estimate of what their absence would change.
    `seconds` is the time that measuring `change` took.
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
    """The effect of all gates of each layer on the logit of the class `target`.

    `change` (L,) is the logit with the layer's mean gates, less the `logit` with the gates as
    they are; `distance` (L,) is the mean magnitude of gate less mean gate.
    """

    layers: tuple[str, ...]
    target: int
    logit: float
    change: Floats
    distance: Floats
