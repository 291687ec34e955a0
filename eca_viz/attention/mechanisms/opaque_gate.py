"""Any module that scales channels, seen from outside: for layers whose inside is not known."""

import torch
from torch import nn

from eca_viz.attention.mechanism import Mechanism, Mixing, Probe, Probes, Reading
from eca_viz.errors import NetworkError

TOLERANCE = 1e-3


def _probes(module: nn.Module) -> Probes:
    return Probes(Probe(module, "input"), Probe(module, "output"), Probe(module, "output"))


def _read(raw: Reading) -> Reading:
    """The factor of each channel from what went in and what came out.

    It is their ratio in the least-squares sense; NaN for a channel that was zero everywhere,
    which leaves no trace of its factor. Raises NetworkError where no factor in [0, 1] fits.
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


def _mixing(module: nn.Module) -> Mixing:
    raise NetworkError("a named module hides its descriptor, so that its gates cannot be changed")


GATE = Mechanism(
    name="gate",
    title="Channel gate",
    formula=r"\omega_c = \tilde{x}_c / x_c",
    recognises=lambda module: False,
    probes=_probes,
    mixing=_mixing,
    read=_read,
)
