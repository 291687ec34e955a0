"""Any module that scales channels, read from its input and output: its inside is not known."""

import torch
from torch import Tensor, nn

from eca_viz.attention import descriptions
from eca_viz.attention.mechanism import MechanismBase, Mixing, Probe, Probes, Reading
from eca_viz.attention.modules import own_forward
from eca_viz.errors import NetworkError
from eca_viz.locale.texts import text

TOLERANCE = 1e-3
# The part of the largest number of its input that a channel of zeros is probed with.
PROBE = 1e-6


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
        raise NetworkError(text("the inside of a module that is named in `also` is not known"))

    def read(self, module: nn.Module, raw: Reading) -> Reading:
        """The factor of each channel, and the logit of those between 0 and 1.

        A channel that is zero everywhere shows no factor: the module runs once more with a tiny
        number in it. In training mode, in which that would leave a trace, its factor is NaN. Raises
        NetworkError where no factor fits, with a clause whose subject is the module.
        """
        before, after = raw.descriptor, raw.weights
        if before.ndim < 3 or before.shape != after.shape or not before.is_floating_point():
            raise NetworkError(
                # Translators: the module is the subject.
                text(
                    "is named in `also`, got {given} of {dtype} and gave {found}; name a module "
                    "that keeps the shape (N, C, …) of numbers with positions",
                    given=tuple(before.shape),
                    dtype=str(before.dtype),
                    found=tuple(after.shape),
                )
            )
        factors = factors_of(before, after)
        if factors is None:
            raise NetworkError(
                # Translators: the module is the subject.
                text(
                    "is named in `also` and does not multiply each channel by one factor; name a "
                    "module that does"
                )
            )
        if not module.training and bool(factors.isnan().any()):
            factors = _probed(module, before, factors)
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
    shown = power > 0
    # Not 0 / 0, whose gradient would be NaN behind the choice too.
    factors = (before * after).sum(2) / torch.where(shown, power, 1.0)
    misfit = (after - before * factors[:, :, None]).abs()
    most = max(TOLERANCE, 4 * steps)
    fits = misfit.numel() == 0 or bool(misfit.max() <= most * after.abs().max())
    return torch.where(shown, factors, torch.nan) if fits else None


def _probed(module: nn.Module, before: Tensor, factors: Tensor) -> Tensor:
    """The factors with those of channels of zeros, by a run with a tiny number in these."""
    unknown = factors.isnan()
    tiny = PROBE * (float(before.detach().abs().max()) or 1.0)
    with torch.no_grad():
        zeros = unknown.reshape(*unknown.shape, *[1] * (before.ndim - 2))
        probe = torch.where(zeros, torch.full_like(before, tiny), before.detach())
        try:
            after = own_forward(module, probe.clone())
        except Exception:  # one that takes more than this input
            return factors
        found = factors_of(probe, after) if after.shape == probe.shape else None
    return factors if found is None else torch.where(unknown, found, factors)


GATE = OpaqueGateMechanism()
