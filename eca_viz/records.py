"""What an explanation consists of: frozen, detached, picklable, without PyTorch."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]
Places = NDArray[np.int64]


class _Record:
    """Makes the arrays of a record read-only: records are shared between sessions."""

    def __post_init__(self) -> None:
        for field in fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                value.flags.writeable = False


@dataclass(frozen=True, eq=False)
class ImageInput(_Record):
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
class LayerAttention(_Record):
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
class LayerResponse(_Record):
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
class ReferenceGates(_Record):
    """What the gates of a network usually are: for each layer (C,), the mean of each channel.

    `source` says over which photographs, `photographs` how many there were.
    """

    source: str
    photographs: int
    gates: Mapping[str, Floats]


@dataclass(frozen=True, eq=False)
class ChannelEffects(_Record):
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
class LayerEffects(_Record):
    """The same for whole layers: `change` (L,) of the logit with all gates of a layer usual.

    `distance` (L,) is how far the layer's gates are from the usual ones, on average.
    """

    layers: tuple[str, ...]
    target: int
    logit: float
    change: Floats
    distance: Floats


@dataclass(frozen=True, eq=False)
class SaliencyMap(_Record):
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
    parameters: Mapping[str, float]
    values: Floats
    signed: bool
    convergence_delta: float | None
    seconds: float


@dataclass(frozen=True, eq=False)
class Terms(_Record):
    """A sum worked out: `values` times `coefficients`, and `bias`, make `total`.

    `indices` (T,) says whose values they are, -1 for a place beyond the edge, where a zero
    stands; `places` (T,) is where the coefficients lie, counted past the edges.
    """

    places: Places
    indices: Places
    values: Floats
    coefficients: Floats
    bias: float

    @property
    def products(self) -> NDArray[np.float64]:
        """Each value times its coefficient."""
        products: NDArray[np.float64] = self.values.astype(np.float64) * self.coefficients
        return products

    @property
    def total(self) -> float:
        """All products and the bias together."""
        return float(self.products.sum()) + self.bias


@dataclass(frozen=True, eq=False)
class Bottleneck(_Record):
    """The middle of an SE layer: `weight` (B, C) y + `bias` (B,) makes `sums` (B,).

    `activation` says what makes `values` (B,) of the sums.
    """

    weight: Floats
    bias: Floats
    sums: Floats
    values: Floats
    activation: str

    def terms(self, place: int, descriptor: Floats) -> Terms:
        """How one of the sums is made of a descriptor (C,)."""
        channels = np.arange(len(descriptor))
        return Terms(channels, channels, descriptor, self.weight[place], float(self.bias[place]))


@dataclass(frozen=True, eq=False)
class ChannelSteps(_Record):
    """How one channel's weight is made: `terms` add up to z, and `squash` makes ω of it.

    The terms' values are the descriptor's, or the bottleneck's where there is one. `logit`
    and `weight` are what was captured when the network ran.
    """

    layer: str
    channel: int
    mechanism: str
    terms: Terms
    bottleneck: Bottleneck | None
    logit: float
    weight: float
    squash: Literal["sigmoid", "hard sigmoid"]


@dataclass(frozen=True, eq=False)
class FeatureMaps(_Record):
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
class Explanation(_Record):
    """A photograph, what the network saw of it (`seen`, RGB (h, w, 3)) and what it made of it.

    `probabilities` holds the softmax of every class, `predictions` the five best, best
    first; `attention` the layers in the
    order of the forward pass, each for a batch of one; `saliency` maps of a class, all of
    the same; `versions` the packages in use. `gates` says in text how the gates were
    changed, nothing where they were not.
    """

    image: ImageInput
    seen: Pixels
    network: NetworkRecord
    probabilities: NDArray[np.float64]
    predictions: tuple[Prediction, ...]
    attention: tuple[LayerAttention, ...]
    saliency: tuple[SaliencyMap, ...]
    versions: Mapping[str, str]
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
