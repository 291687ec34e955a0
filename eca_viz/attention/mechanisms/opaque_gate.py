"""Any module that scales channels, read from its input and output: its inside is not known."""

import torch
from torch import nn

from eca_viz.attention import descriptions
from eca_viz.attention.mechanism import MechanismBase, Mixing, Probe, Probes, Reading
from eca_viz.errors import NetworkError

TOLERANCE = 1e-3


class OpaqueGateMechanism(MechanismBase[nn.Module]):
    """A module that is named rather than recognised; its factors must be in [0, 1]."""

    name, title, formula = descriptions.GATE

    def parts(self, module: nn.Module) -> None:
        return None

    def probes(self, module: nn.Module) -> Probes:
        return Probes(Probe(module, "input"), Probe(module, "output"), Probe(module, "output"))

    def mixing(self, module: nn.Module) -> Mixing:
        raise NetworkError("a named module hides what its gates are computed from")

    def read(self, raw: Reading) -> Reading:
        """The factor of each channel, the least-squares ratio of output to input.

        It is NaN for a channel that is zero everywhere, which shows no factor. Raises
        NetworkError where no factor in [0, 1] fits.
        """
        before, after = raw.descriptor.float(), raw.weights.float()
        if before.ndim != 4 or before.shape != after.shape:
            raise NetworkError(
                f"a named module got {tuple(before.shape)} and gave {tuple(after.shape)}; only one "
                "that keeps the shape (N, C, H, W) can be captured as channel attention"
            )
        power = before.square().sum((2, 3))
        factors = (before * after).sum((2, 3)) / power
        factors[power == 0] = torch.nan
        known = factors.nan_to_num()[:, :, None, None]
        misfit = (after - before * known).abs().max()
        in_range = bool(((known >= -TOLERANCE) & (known <= 1 + TOLERANCE)).all())
        if not in_range or misfit > TOLERANCE * after.abs().max():
            raise NetworkError(
                "a named module does not multiply each channel by one factor between 0 and 1; "
                "name one that does"
            )
        factors = factors.clamp(0, 1)
        return Reading(before.mean((2, 3)), torch.logit(factors), factors)


GATE = OpaqueGateMechanism()
