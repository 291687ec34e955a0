"""What attention layers take in and compute."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from eca_viz.errors import SelectionError
from eca_viz.locale.texts import text
from eca_viz.records.base import Floats, Record
from eca_viz.records.display import drawn


@dataclass(frozen=True, eq=False)
class LayerAttention(Record):
    """What one attention layer computed in one forward pass.

    `descriptor` (y), `logits` (z) and `weights` (the channel weights ω in (0, 1), their gates, in
    (0, 2) where ω is 1 + tanh z) have the shape (N, C). Gates that are known from a layer's input
    and output alone may be any numbers, and NaN for a channel that is zero everywhere; logits are
    NaN where ω is not in [0, 1]. `order` counts from 0 in the order of the forward pass. `taps`
    (k,) and `kernel_size` are read from the loaded weights and absent where the mechanism has no
    convolution across channels; `reduction` is the ratio of C to the bottleneck's channels, absent
    where there is no bottleneck; `width` is the number of channels inside the layer's block, where
    it has one.

    `verified` says what was found equal to 1e-4 in the pass: the whole `formula` from the input
    to ω, or the `weights` alone, which multiply the input; then `mechanism` is `gate`, `doubt` says
    what did not hold, and y is the average. `pooling` says what y is of each channel's positions;
    `maximum` (N, C) are the maxima, and `deviation` (N, C) the standard deviations, where the layer
    takes them beside the averages.

    >>> layer = explanation.attention[-1]
    >>> layer.layer, layer.mechanism, layer.kernel_size, layer.verified
    ('layer4.1.eca', 'eca', 5, 'formula')
    >>> bool((1 / (1 + np.exp(-layer.logits)) - layer.weights < 1e-6).all())
    True
    """

    layer: str
    stage: str
    order: int
    mechanism: str
    channels: int
    kernel_size: int | None
    reduction: float | None
    width: int | None
    taps: Floats | None
    descriptor: Floats
    logits: Floats
    weights: Floats
    verified: Literal["formula", "weights"]
    pooling: str = "average"
    maximum: Floats | None = None
    doubt: str = ""
    deviation: Floats | None = None

    @property
    def second(self) -> Floats | None:
        """The descriptor (N, C) that the layer takes beside y, None without one."""
        return self.deviation if self.maximum is None else self.maximum

    def check_channel(self, channel: int) -> None:
        """Raises SelectionError for the index of a channel that the layer does not have."""
        if not 0 <= channel < self.channels:
            raise SelectionError(
                text(
                    "{layer} has no channel {channel}; give one from 0 to {last}",
                    layer=self.layer,
                    channel=channel,
                    last=self.channels - 1,
                )
            )

    def _repr_html_(self) -> str:
        return str(drawn("export.notebook", "layer_html", self))


@dataclass(frozen=True)
class GateSummary:
    """The gates of one layer over many images in a few numbers, as a training run logs them.

    `mean` and `sd` are over all `images` and channels; `near_zero`, `near_half` and `near_one` are
    the shares in [0, 1] of gates within 1/16 of 0, ½ and 1: a layer with nearly all its gates in
    one of them is close to a constant. `not_finite` counts gates that were NaN or infinite, and are
    in none of the other numbers.
    """

    layer: str
    images: int
    mean: float
    sd: float
    near_zero: float
    near_half: float
    near_one: float
    not_finite: int


@dataclass(frozen=True, eq=False)
class LayerResponse(Record):
    """Derivatives of one attention layer's logits and gates at one descriptor y.

    `matrix` is ∂z/∂y and `jacobian` ∂ω/∂y, both (C, C) with a row for each gate; `rank` is
    that of both, since σ' is never 0. `squeezed` (C/r,) holds the values of SE's bottleneck
    behind the ReLU, None for the other mechanisms.
    """

    layer: str
    mechanism: str
    matrix: Floats
    jacobian: Floats
    rank: int
    squeezed: Floats | None


@dataclass(frozen=True, eq=False)
class ReferenceGates(Record):
    """The mean gates of a reference set of images: `gates` holds (C,) for each layer by name.

    `source` names the set in words, `images` is their number.
    """

    source: str
    images: int
    gates: Mapping[str, Floats]


@dataclass(frozen=True, eq=False)
class FeatureMaps(Record):
    """What goes into an attention layer (C, H, W); the layer multiplies each map by its gate."""

    layer: str
    before: Floats
