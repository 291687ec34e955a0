"""What an explanation consists of: frozen, detached, picklable, without PyTorch."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]


class Record:
    """Makes the arrays of a record read-only: records are shared between sessions."""

    def __post_init__(self) -> None:
        for field in fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                value.flags.writeable = False


@dataclass(frozen=True, eq=False)
class ImageInput(Record):
    """A photograph: `pixels` is RGB (H, W, 3); `sha256` is that of the bytes it came in.

    `sample` is the name of the sample that it is, empty for all others.
    """

    name: str
    sha256: str
    pixels: Pixels
    sample: str = ""


@dataclass(frozen=True)
class Prediction:
    """One class and its softmax probability in [0, 1]."""

    index: int
    label: str
    probability: float


@dataclass(frozen=True, eq=False)
class LayerAttention(Record):
    """What one attention layer computed in one forward pass.

    `descriptor` (y), `logits` (z) and `weights` (ω, in (0, 1)) have the shape (N, C).
    `order` counts from 0 in the order of the forward pass. `taps` (k,) and `kernel_size`
    are read from the loaded weights and absent where the mechanism has no convolution across
    channels; `reduction` is the ratio of C to the bottleneck's channels, absent where there
    is no bottleneck; `width` is the number of channels inside the layer's block, where it has one.
    """

    layer: str
    stage: str
    order: int
    mechanism: str
    channels: int
    kernel_size: int | None
    taps: Floats | None
    reduction: float | None
    width: int | None
    descriptor: Floats
    logits: Floats
    weights: Floats


@dataclass(frozen=True, eq=False)
class LayerResponse(Record):
    """How the gates of one attention layer answer to its descriptor, at one descriptor y.

    `matrix` is ∂z/∂y and `jacobian` ∂ω/∂y, both (C, C) with a row for each gate; `rank` is
    that of both, since σ' is never 0. `squeezed` (C/r,) is what SE has in its bottleneck
    after the ReLU, absent for the others.
    """

    layer: str
    mechanism: str
    matrix: Floats
    jacobian: Floats
    rank: int
    squeezed: Floats | None


@dataclass(frozen=True)
class ChannelTarget:
    """A channel of an attention layer, by its index: what a saliency map can be asked about.

    Its score is the average of its feature map behind the gate.
    """

    layer: str
    index: int

    @property
    def label(self) -> str:
        """The channel in words."""
        return f"channel {self.index} of {self.layer}"


@dataclass(frozen=True, eq=False)
class ReferenceGates(Record):
    """What the gates of a network usually are: for each layer (C,), the mean of each channel.

    `source` says over which photographs, `photographs` how many there were.
    """

    source: str
    photographs: int
    gates: Mapping[str, Floats]


@dataclass(frozen=True, eq=False)
class SaliencyMap(Record):
    """Attributions of one method to the pixels that the network saw.

    `title` is the method's name for people, `reading` a sentence on what a value means.
    `values` has the shape (H, W); where `signed`, positive values speak for `target` and
    negative ones against it, otherwise values are 0 or more. `convergence_delta` is how
    far the attributions' sum is from f(input) − f(baseline), for the methods that promise
    the two to be equal. `seconds` is what the computation took.
    """

    method: str
    title: str
    reading: str
    target: Prediction | ChannelTarget
    parameters: Mapping[str, float | str]
    values: Floats
    signed: bool
    convergence_delta: float | None
    seconds: float


@dataclass(frozen=True, eq=False)
class MapScore(Record):
    """How one saliency map holds against the network.

    `deletion` and `insertion` (S,) are the class's probability while the pixels, those with
    the largest values first, are painted over with the mean colour or put back into a
    blurred photograph; the areas are those under the curves. `infidelity` is the part of the
    score's falls that the map does not tell, in [0, 1]; `sensitivity` the map's largest
    relative change under slight noise; `similarity` its rank correlation in [-1, 1] with the
    map of a network with shuffled weights. The last two are None for a map that no method
    made, `similarity` also where the other map has the same value everywhere.
    """

    method: str
    title: str
    deletion: Floats
    insertion: Floats
    deletion_area: float
    insertion_area: float
    infidelity: float
    sensitivity: float | None
    similarity: float | None


@dataclass(frozen=True, eq=False)
class Scorecard(Record):
    """Scores of several maps of one class, and of a random map, which is the last.

    `shares` (S,) are the shares of the pixels in [0, 1] that the curves are over. `flat`
    holds the titles of maps with the same value everywhere, which rank nothing and have no
    scores; without any other map there are none at all. `seconds` is what it took.
    """

    target: Prediction
    shares: Floats
    scores: tuple[MapScore, ...]
    flat: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, eq=False)
class FeatureMaps(Record):
    """What goes into an attention layer (C, H, W); the layer multiplies each map by its ω."""

    layer: str
    before: Floats


@dataclass(frozen=True)
class NetworkRecord:
    """Which network gave a result: `sha256` is that of its weights file.

    load_network(name, **options) gives it again; `labels` names its classes by index.
    """

    name: str
    title: str
    sha256: str
    labels: tuple[str, ...]
    source: str
    licence: str
    options: Mapping[str, str]


@dataclass(frozen=True)
class Cost:
    """Parameters, and multiply-adds of one photograph in convolutions and matrix products."""

    parameters: int
    multiply_adds: int


@dataclass(frozen=True)
class NetworkCosts:
    """What a network costs as it is, without its attention, and with SE layers in its place.

    `attention` is the part that its attention layers have, `layers` that of each by name,
    `side` the side length of the photograph in pixels.
    """

    network: str
    side: int
    total: Cost
    without: Cost
    with_se: Cost
    attention: Cost
    layers: Mapping[str, Cost]


@dataclass(frozen=True, eq=False)
class Explanation(Record):
    """A photograph, what the network saw of it (`seen`, RGB (h, w, 3)) and what it made of it.

    `probabilities` holds the softmax of every class, `predictions` the five best, best
    first; `attention` the layers in the
    order of the forward pass, each for a batch of one; `saliency` maps of a class, all of
    the same, and `scorecard` their scores where they were asked for; `versions` the packages in
    use. `gates` says in text how the gates were changed, nothing where they were not.
    """

    image: ImageInput
    seen: Pixels
    network: NetworkRecord
    probabilities: NDArray[np.float64]
    predictions: tuple[Prediction, ...]
    attention: tuple[LayerAttention, ...]
    saliency: tuple[SaliencyMap, ...]
    versions: Mapping[str, str]
    scorecard: Scorecard | None = None
    gates: tuple[str, ...] = ()

    def layer(self, name: str) -> LayerAttention:
        """The attention layer called `name`; raises KeyError with the valid names."""
        for record in self.attention:
            if record.layer == name:
                return record
        names = ", ".join(record.layer for record in self.attention)
        raise KeyError(f"no attention layer {name!r}; this network has {names}")


def as_floats(values: NDArray[np.generic]) -> Floats:
    """A float32 copy of `values` that owns its memory."""
    return np.array(values, dtype=np.float32)
