"""Methods that average gradients over noisy copies of the image."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, NamedTuple

from eca_viz.locale.texts import Text, text
from eca_viz.saliency.method import (
    SEED,
    Attribution,
    Method,
    Subject,
    channel_sum,
    largest_magnitude,
)
from eca_viz.saliency.methods.deep_lift import deep_lift_rules
from eca_viz.saliency.methods.gradient import GUIDED_BACKPROP, without_relu
from eca_viz.settings import Choice, Param, Settings

if TYPE_CHECKING:
    from torch import Tensor, nn

# Points on the path of Integrated Gradients, for each noisy copy.
STEPS = 20


class Inner(NamedTuple):
    """A gradient method that SmoothGrad averages.

    `make` is the name of Captum's class, `arguments` are its own, `steps` the points on its
    path where it has one, `rules` what must be entered around it. `weight` says for how many
    copies of a plain gradient one copy counts in memory.
    """

    make: str
    arguments: Mapping[str, Any] = {}
    steps: int = 0
    rules: Callable[[], AbstractContextManager[None]] = nullcontext
    weight: int = 1


INNER = {
    # With its signs, as in Smilkov et al. 2017, so that noise cancels out.
    "saliency": Inner("Saliency", {"abs": False}),
    "input_x_gradient": Inner("InputXGradient"),
    "guided_backprop": Inner("GuidedBackprop"),
    "integrated_gradients": Inner("IntegratedGradients", {"n_steps": STEPS}, steps=STEPS),
    "deep_lift": Inner("DeepLift", rules=deep_lift_rules, weight=4),
}

METHOD = Choice("method", text("Method to average"), "saliency", tuple(INNER))
COPIES = Param("n_samples", text("Noisy copies"), 12, 2, 50, 2)
NOISE = Param("noise", text("Noise as a share of the image's range"), 0.15, 0.01, 0.5, 0.01)
BATCH = Param("batch_size", text("Copies at a time"), 4, 1, 8, 1)


def spread(inputs: Tensor, settings: Settings) -> float:
    """Standard deviation of the noise, in the units of the input."""
    return float(settings["noise"]) * float(inputs.max() - inputs.min())


def batches(settings: Settings, most: int) -> list[int]:
    """How many noisy copies go through the network at once, one time after the other."""
    copies = int(settings["n_samples"])
    return [min(most, copies - done) for done in range(0, copies, most)]


def _at_once(settings: Settings) -> int:
    """Copies at a time that SmoothGrad's method has the memory for."""
    return max(1, int(settings["batch_size"]) // INNER[str(settings["method"])].weight)


def _smooth_grad(subject: Subject, settings: Settings) -> Attribution:
    from captum import attr

    from eca_viz.saliency.methods.seeded import Seeded

    inner = INNER[str(settings["method"])]
    most = _at_once(settings)
    path = {"internal_batch_size": most} if inner.steps else {}
    with Seeded(int(settings["seed"])), inner.rules():
        values = attr.NoiseTunnel(getattr(attr, inner.make)(subject.model)).attribute(
            subject.inputs,
            target=subject.target,
            nt_samples=int(settings["n_samples"]),
            nt_samples_batch_size=most,
            stdevs=spread(subject.inputs, settings),
            **inner.arguments,
            **path,
        )
    return Attribution(values.float())


def _smooth_grad_forwards(settings: Settings, inputs: Tensor) -> int:
    """One for each batch of copies; on a path, for as many points as fill a batch."""
    steps, most = INNER[str(settings["method"])].steps, _at_once(settings)
    return sum(math.ceil((steps or 1) / (most // copies)) for copies in batches(settings, most))


def _gradient_shap(subject: Subject, settings: Settings) -> Attribution:
    """Captum runs all copies at once, which takes gigabytes; batches have the same mean."""
    import torch
    from captum.attr import GradientShap

    from eca_viz.saliency.methods.seeded import Seeded, seeded_numpy

    method = GradientShap(subject.model)
    seed, copies = int(settings["seed"]), int(settings["n_samples"])
    mean_colour = torch.zeros_like(subject.inputs)
    total = torch.zeros_like(subject.inputs)
    with Seeded(seed):
        for number, size in enumerate(batches(settings, int(settings["batch_size"]))):
            with seeded_numpy(copies * seed + number):
                values = method.attribute(
                    subject.inputs,
                    baselines=mean_colour,
                    target=subject.target,
                    n_samples=size,
                    stdevs=spread(subject.inputs, settings),
                )
            total += size * values.detach()
    return Attribution(total / copies)


def _gradient_shap_forwards(settings: Settings, inputs: Tensor) -> int:
    return len(batches(settings, int(settings["batch_size"])))


def _obstacle(model: nn.Module, settings: Settings) -> Text | None:
    if settings["method"] == GUIDED_BACKPROP.name:
        return without_relu(model, settings)
    return None


SMOOTH_GRAD = Method(
    name="smooth_grad",
    title="SmoothGrad",
    reading=text(
        "The strength of the chosen method's average over noisy copies of the image, "
        "whatever its sign; what only some copies show cancels out."
    ),
    signed=False,
    attribute=_smooth_grad,
    reduce=largest_magnitude,
    forwards=_smooth_grad_forwards,
    params=(METHOD, COPIES, NOISE, SEED, BATCH),
    obstacle=_obstacle,
)

GRADIENT_SHAP = Method(
    name="gradient_shap",
    title="GradientSHAP",
    reading=text(
        "The gradient at random points between the mean colour and noisy copies of the "
        "image, times the distance from the mean colour."
    ),
    signed=True,
    attribute=_gradient_shap,
    reduce=channel_sum,
    forwards=_gradient_shap_forwards,
    params=(COPIES, NOISE, SEED, BATCH),
)
