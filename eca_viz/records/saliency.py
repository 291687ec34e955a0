"""Predictions, saliency maps and their scores."""

from collections.abc import Mapping
from dataclasses import dataclass

from eca_viz.locale.texts import text
from eca_viz.records.base import Floats, Record


@dataclass(frozen=True)
class Prediction:
    """One class and its softmax probability in [0, 1]."""

    index: int
    label: str
    probability: float


@dataclass(frozen=True)
class ChannelTarget:
    """A channel of an attention layer as the target of a saliency map.

    The score that is attributed is the mean of its feature map behind the gate.
    """

    layer: str
    index: int

    @property
    def label(self) -> str:
        """The channel in words, a Text."""
        return text("channel {index} of {layer}", index=self.index, layer=self.layer)


@dataclass(frozen=True)
class ScoreTarget:
    """The number that the owner's function takes from a network's output, as a target."""

    value: float

    @property
    def index(self) -> int:
        """Its place in what the network gives."""
        return 0

    @property
    def label(self) -> str:
        """What it is called, a Text."""
        return text("the score")


@dataclass(frozen=True, eq=False)
class SaliencyMap(Record):
    """Attributions of one method to the pixels that the network sees.

    `title` is the method's name for display, `reading` a sentence on what a value means.
    `values` has the shape (H, W); where `signed`, positive values speak for `target` and
    negative ones against it, otherwise values are 0 or more. `convergence_delta` is the
    attributions' sum less f(input) − f(baseline), for the methods whose axioms make the two
    equal. `seconds` is the time of the computation.

    >>> explanation.saliency[0].method, explanation.saliency[0].values.shape
    ('integrated_gradients', (176, 176))
    """

    method: str
    title: str
    reading: str
    target: Prediction | ChannelTarget | ScoreTarget
    parameters: Mapping[str, float | str]
    values: Floats
    signed: bool
    convergence_delta: float | None
    seconds: float


@dataclass(frozen=True, eq=False)
class MapScore(Record):
    """How well one saliency map agrees with the network.

    `insertion` and `deletion` (S,) are the class's probability while the pixels, those with the
    largest values first, are put back into a blurred image or painted over with the mean
    colour; the areas are those under the curves. `infidelity` is the part of the score drops
    that the map does not predict, in [0, 1]; `sensitivity` the map's largest relative change
    under slight noise; `similarity` its rank correlation in [-1, 1] with the map of a network
    with randomised weights. The last two are None for the random baseline, `similarity` also
    where the other map has the same value everywhere.
    """

    method: str
    title: str
    insertion: Floats
    insertion_area: float
    deletion: Floats
    deletion_area: float
    infidelity: float
    sensitivity: float | None
    similarity: float | None


@dataclass(frozen=True, eq=False)
class Scorecard(Record):
    """Scores of several maps of one class, and of a random baseline, which is the last.

    `shares` (S,) are the shares of the pixels in [0, 1] at which the curves are measured. `flat`
    holds the titles of maps with the same value everywhere, which rank no pixel and have no
    scores; if all maps are flat, `scores` is empty. `seconds` is the time of the computation.
    """

    target: Prediction
    shares: Floats
    scores: tuple[MapScore, ...]
    flat: tuple[str, ...]
    seconds: float
