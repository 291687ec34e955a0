"""DeepLift, with the rules that Captum's lacks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from eca_viz.errors import SaliencyError
from eca_viz.locale.texts import text
from eca_viz.saliency.method import Attribution, Method, Subject, channel_sum
from eca_viz.settings import Settings

if TYPE_CHECKING:
    from torch import Tensor

# Where more than this share of the change is missing, some part of the network has no rule.
TOLERANCE = 0.05
# Rounding, as a share of all attributions taken without their signs.
ROUNDING = 1e-3


@contextmanager
def deep_lift_rules() -> Iterator[None]:
    """What must be entered around Captum's DeepLift; raises SaliencyError where it gives up."""
    from eca_viz.saliency.methods.deep_lift_rules import Rescale

    try:
        with Rescale():
            yield
    except RuntimeError as error:
        if "used more than once" not in " ".join(str(error).split()):
            raise
        raise SaliencyError(
            text(
                "DeepLift needs an activation module for each place, and this network uses one in "
                "several; choose Integrated Gradients"
            )
        ) from None


def _deep_lift(subject: Subject, settings: Settings) -> Attribution:
    from captum.attr import DeepLift

    with deep_lift_rules():
        values, delta = DeepLift(subject.model).attribute(
            subject.inputs, target=subject.target, return_convergence_delta=True
        )
    values, delta = values.detach(), delta.detach()
    off = abs(float(delta))
    change = abs(float(values.sum()) - float(delta))
    if off > TOLERANCE * change + ROUNDING * float(values.abs().sum()):
        raise SaliencyError(
            text(
                "DeepLift has no rule for something in this network: its sum is off by {off:.3g} "
                "where the class score changes by {change:.3g}; choose Integrated Gradients",
                off=off,
                change=change,
            )
        )
    return Attribution(values, float(delta))


def _forwards(settings: Settings, inputs: Tensor) -> int:
    """Image and baseline in one batch, then each of them for the delta."""
    return 3


DEEP_LIFT = Method(
    name="deep_lift",
    title="DeepLift",
    reading=text(
        "What this pixel's difference from the mean colour adds to the class score, followed "
        "through the network as a difference; all pixels together add up to the change of the "
        "score."
    ),
    signed=True,
    attribute=_deep_lift,
    reduce=channel_sum,
    forwards=_forwards,
)
