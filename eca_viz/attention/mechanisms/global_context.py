"""Global context: SE on an average over positions that the layer weighs by a softmax."""

from torch import Tensor, nn

from eca_viz.attention import descriptions
from eca_viz.attention.mechanism import Parts
from eca_viz.attention.mechanisms.dense import Dense
from eca_viz.attention.mechanisms.se import SEMechanism
from eca_viz.attention.mechanisms.tentative import TentativeMechanism
from eca_viz.attention.modules import leaves, own_forward


class GlobalContextMechanism(TentativeMechanism[Dense], SEMechanism):
    """SE whose descriptor is Σ_p a_p x_p, where a is the softmax of a score for each position.

    The score is a 1 × 1 convolution to one channel. Read is the variant that multiplies by gates,
    not the one that adds a context to every position.
    Source: Cao et al., "GCNet", ICCVW 2019, Eq. 4, with its fusion by scale.
    """

    name, title, formula = descriptions.GLOBAL_CONTEXT
    poolings = ("weighted average",)

    def parts(self, module: nn.Module) -> Parts[Dense] | None:
        return None if _scoring(module) is None else super().parts(module)

    def leaves(self, module: nn.Module) -> list[nn.Module]:
        """Those of SE: without the score and its softmax."""
        scoring = _scoring(module)
        found = super().leaves(module)
        return [one for one in found if one is not scoring and not isinstance(one, nn.Softmax)]

    def descriptors(self, module: nn.Module, value: Tensor, logits: Tensor) -> tuple[Tensor, ...]:
        scoring = _scoring(module)
        if scoring is None:
            raise TypeError(f"{type(module).__name__} has no score for each position")
        shares = own_forward(scoring, value).flatten(2).softmax(2)
        return ((value.flatten(2) * shares).sum(2),)


def _scoring(module: nn.Module) -> nn.Conv2d | None:
    """The convolution that gives each position a score, None without one."""
    first = next(leaves(module), None)
    known = isinstance(first, nn.Conv2d) and first.kernel_size == (1, 1) and first.out_channels == 1
    return first if isinstance(first, nn.Conv2d) and known else None


GLOBAL_CONTEXT = GlobalContextMechanism()
