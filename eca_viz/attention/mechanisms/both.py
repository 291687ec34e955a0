"""Average and maximum of each channel through the same modules, their logits added up."""

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

from eca_viz.attention import descriptions
from eca_viz.attention.descriptions import Description
from eca_viz.attention.mechanism import MechanismBase, Parts, Row, Squeezed
from eca_viz.attention.mechanisms.eca import ECA
from eca_viz.attention.mechanisms.se import SE


class OnBoth(MechanismBase[Any]):
    """Another mechanism on two descriptors: z is the sum of the logits of both.

    Its structure is that of the other one; only a pass shows that the modules run twice.
    Source: Woo et al., "CBAM", ECCV 2018, Eq. 2, for SE.
    """

    def __init__(self, known: Description, one: MechanismBase[Any]) -> None:
        self.name, self.title, self.formula = known
        self._one = one

    def recognises(self, module: nn.Module) -> bool:
        return False

    def parts(self, module: nn.Module) -> Parts[Any] | None:
        return self._one.parts(module)

    def logits(self, module: nn.Module, descriptor: Tensor, second: Tensor | None = None) -> Tensor:
        of_first = self._one.logits(module, descriptor)
        return of_first if second is None else of_first + self._one.logits(module, second)

    def taps(self, module: nn.Module) -> Tensor | None:
        return self._one.taps(module)

    def reduction(self, module: nn.Module) -> float | None:
        return self._one.reduction(module)

    def circular(self, module: nn.Module) -> Callable[[Tensor], Tensor] | None:
        return self._one.circular(module)

    def with_taps(self, module: nn.Module, taps: Tensor) -> Callable[[Tensor], Tensor] | None:
        return self._one.with_taps(module, taps)

    def row(self, module: nn.Module, channel: int, channels: int) -> Row | None:
        """The terms of the sum of both inputs; the bias counts twice."""
        row = self._one.row(module, channel, channels)
        return None if row is None else row._replace(bias=2 * row.bias)

    def squeeze(self, module: nn.Module, descriptor: Tensor) -> Squeezed | None:
        return self._one.squeeze(module, descriptor)


CBAM = OnBoth(descriptions.CBAM, SE)
ECA_MAX = OnBoth(descriptions.ECA_MAX, ECA)
