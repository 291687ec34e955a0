"""Any module that scales channels, read from its input and output: its inside is not known."""

import torch
from torch import Tensor, nn

from eca_viz.attention import descriptions
from eca_viz.attention.mechanism import MechanismBase, Mixing, Probe, Probes, Reading
from eca_viz.errors import NetworkError

TOLERANCE = 1e-3


class OpaqueGateMechanism(MechanismBase[nn.Module]):
    """A module that is named, or guessed to be attention, rather than recognised.

    Its factors may be any numbers: 1 + tanh gives up to 2.
    """

    name, title, formula = descriptions.GATE

    def parts(self, module: nn.Module) -> None:
        return None

    def probes(self, module: nn.Module) -> Probes:
        return Probes(Probe(module, "input"), Probe(module, "output"), Probe(module, "output"))

    def mixing(self, module: nn.Module) -> Mixing:
        raise NetworkError("the inside of a module that is named in `also` is not known")

    def read(self, module: nn.Module, raw: Reading) -> Reading:
        """The factor of each channel, and the logit of those between 0 and 1.

        The factor is NaN for a channel that is zero everywhere, which shows none. Raises
        NetworkError where no factor fits, with a clause whose subject is the module.
        """
        before, after = raw.descriptor, raw.weights
        if before.ndim < 3 or before.shape != after.shape:
            raise NetworkError(
                f"is named in `also`, got {tuple(before.shape)} and gave {tuple(after.shape)}; "
                "name a module that keeps the shape (N, C, …) with positions"
            )
        factors = factors_of(before, after)
        if factors is None:
            raise NetworkError(
                "is named in `also` and does not multiply each channel by one factor; name a "
                "module that does"
            )
        mean = before.float().flatten(2).mean(2)
        return Reading(mean, torch.logit(factors), factors)


def factors_of(before: Tensor, after: Tensor) -> Tensor | None:
    """The factor of each channel (N, C) between two tensors (N, C, …), by least squares.

    Args:
        before: What a module got.
        after: What it gave, of the same shape.

    Returns:
        The factors, NaN where a channel is zero everywhere; None where none fit, to a thousandth of
        the largest number, or four steps of half precision.
    """
    steps = max(torch.finfo(one.dtype).eps for one in (before, after))
    before, after = before.float().flatten(2), after.float().flatten(2)
    power = before.square().sum(2)
    factors = (before * after).sum(2) / power
    factors[power == 0] = torch.nan
    misfit = (after - before * factors.nan_to_num()[:, :, None]).abs()
    fits = misfit.numel() == 0 or bool(
        misfit.max() <= max(TOLERANCE, 4 * steps) * after.abs().max()
    )
    return factors if fits else None


GATE = OpaqueGateMechanism()
