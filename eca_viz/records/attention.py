"""What attention layers computed."""

from collections.abc import Mapping
from dataclasses import dataclass

from eca_viz.errors import SelectionError
from eca_viz.records.base import Floats, Record


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
    reduction: float | None
    width: int | None
    taps: Floats | None
    descriptor: Floats
    logits: Floats
    weights: Floats

    def check_channel(self, channel: int) -> None:
        """Raises SelectionError for the index of a channel that the layer does not have."""
        if not 0 <= channel < self.channels:
            raise SelectionError(
                f"{self.layer} has no channel {channel}; give one from 0 to {self.channels - 1}"
            )


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


@dataclass(frozen=True, eq=False)
class ReferenceGates(Record):
    """What the gates of a network usually are: for each layer (C,), the mean of each channel.

    `source` says over which photographs, `photographs` how many there were.
    """

    source: str
    images: int
    gates: Mapping[str, Floats]


@dataclass(frozen=True, eq=False)
class FeatureMaps(Record):
    """What goes into an attention layer (C, H, W); the layer multiplies each map by its ω."""

    layer: str
    before: Floats
