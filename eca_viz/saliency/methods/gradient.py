"""Methods that follow the gradient back to the pixels."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from eca_viz.locale.texts import Text, text
from eca_viz.saliency.method import (
    Attribution,
    Method,
    Subject,
    channel_sum,
    largest_magnitude,
    one_pass,
)
from eca_viz.settings import Param, Settings

if TYPE_CHECKING:
    from torch import Tensor, nn


def _saliency(subject: Subject, settings: Settings) -> Attribution:
    from captum.attr import Saliency

    method = Saliency(subject.model)
    return Attribution(method.attribute(subject.inputs, target=subject.target))


def _input_x_gradient(subject: Subject, settings: Settings) -> Attribution:
    from captum.attr import InputXGradient

    method = InputXGradient(subject.model)
    return Attribution(method.attribute(subject.inputs, target=subject.target))


def _integrated_gradients(subject: Subject, settings: Settings) -> Attribution:
    from captum.attr import IntegratedGradients

    values, delta = IntegratedGradients(subject.model).attribute(
        subject.inputs,
        target=subject.target,
        n_steps=int(settings["n_steps"]),
        internal_batch_size=int(settings["internal_batch_size"]),
        return_convergence_delta=True,
    )
    # Captum returns float64 here, which the other methods do not.
    return Attribution(values.float(), float(delta))


def _integrated_gradients_forwards(settings: Settings, inputs: Tensor) -> int:
    """One for each batch of steps, and the two ends of the path for the delta."""
    return math.ceil(int(settings["n_steps"]) / int(settings["internal_batch_size"])) + 2


def _guided_backprop(subject: Subject, settings: Settings) -> Attribution:
    from captum.attr import GuidedBackprop

    method = GuidedBackprop(subject.model)
    return Attribution(method.attribute(subject.inputs, target=subject.target))


def without_relu(model: nn.Module, settings: Settings) -> Text | None:
    """Why methods built on Guided Backprop do not suit a network, if they do not."""
    from torch import nn

    if any(isinstance(module, nn.ReLU) for module in model.modules()):
        return None
    return text(
        "Guided Backprop changes what flows back through ReLUs and this network has none, so it "
        "would only repeat the gradient; choose Saliency"
    )


SALIENCY = Method(
    name="saliency",
    title=text("Saliency"),
    reading=text("How much the class score would change with a small change of this pixel."),
    signed=False,
    attribute=_saliency,
    reduce=largest_magnitude,
    forwards=one_pass,
)

INPUT_X_GRADIENT = Method(
    name="input_x_gradient",
    title=text("Input × Gradient"),
    reading=text("The gradient times the pixel's own distance from the mean colour."),
    signed=True,
    attribute=_input_x_gradient,
    reduce=channel_sum,
    forwards=one_pass,
)

INTEGRATED_GRADIENTS = Method(
    name="integrated_gradients",
    title=text("Integrated Gradients"),
    reading=text(
        "The gradient gathered on the way from the mean colour to the image; "
        "all pixels together add up to the change of the class score."
    ),
    signed=True,
    attribute=_integrated_gradients,
    reduce=channel_sum,
    forwards=_integrated_gradients_forwards,
    params=(
        Param("n_steps", text("Steps on the path"), 50, 10, 200, 10),
        Param("internal_batch_size", text("Steps at a time"), 4, 1, 16, 1),
    ),
)

GUIDED_BACKPROP = Method(
    name="guided_backprop",
    title=text("Guided Backprop"),
    reading=text(
        "The gradient with every negative signal cut off at each ReLU: sharp edges, "
        "which depend little on the class."
    ),
    signed=False,
    attribute=_guided_backprop,
    reduce=largest_magnitude,
    forwards=one_pass,
    obstacle=without_relu,
)
