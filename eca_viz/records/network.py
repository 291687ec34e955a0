"""The network of a result, and what a network costs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from eca_viz.locale.texts import text

# The source of a network that no registry knows.
OWN_NETWORK = text("given by the user")


@dataclass(frozen=True)
class NetworkRecord:
    """Which network gave a result: `sha256` is that of its weights file, or of
    all that results of a network of the user's own depend on.

    load_network(name, **options) gives it again, or load_own(name) where the source is
    OWN_NETWORK; `labels` names its classes by index. `output` says what can be explained of what it
    gives: the logits of its classes, one number that its owner's function takes from it, or
    nothing; without classes there are no labels.
    """

    name: str
    title: str
    sha256: str
    labels: tuple[str, ...]
    source: str
    licence: str
    options: Mapping[str, str]
    output: Literal["classes", "score", "other"] = "classes"


@dataclass(frozen=True)
class Cost:
    """Parameters, and multiply-adds of one image in convolutions and matrix products."""

    parameters: int
    multiply_adds: int


@dataclass(frozen=True)
class NetworkCosts:
    """What a network costs as it is, without its attention, and with SE layers in its place.

    `attention` is the part that its attention layers have, `layers` that of each by name,
    `side` the side length of the image in pixels.
    """

    network: str
    side: int
    total: Cost
    without: Cost
    with_se: Cost
    attention: Cost
    layers: Mapping[str, Cost]
