"""Two explanations and their layers in pairs."""

from dataclasses import dataclass

from eca_viz.records.attention import LayerAttention
from eca_viz.records.explanation import Explanation

BY_NAME, BY_DEPTH = "name", "depth"


@dataclass(frozen=True)
class LayerPair:
    """A layer of A and its counterpart in B, matched by name or by depth (`by`)."""

    a: LayerAttention
    b: LayerAttention
    by: str

    @property
    def channelwise(self) -> bool:
        """Whether both have the same number of channels, so that they are compared one by one."""
        return self.a.channels == self.b.channels

    @property
    def title(self) -> str:
        """The layer's name; both where they differ."""
        return self.a.layer if self.a.layer == self.b.layer else f"{self.a.layer} | {self.b.layer}"


@dataclass(frozen=True)
class Comparison:
    """Two explanations, their layers in pairs, and the layers without a counterpart."""

    a: Explanation
    b: Explanation
    pairs: tuple[LayerPair, ...]
    alone_in_a: tuple[str, ...]
    alone_in_b: tuple[str, ...]

    def partner(self, layer: str) -> LayerPair | None:
        """The pair that has B's layer called `layer`, or None where it has no partner."""
        return next((pair for pair in self.pairs if pair.b.layer == layer), None)
