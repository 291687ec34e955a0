"""Methods that change the photograph and watch the class score."""

import math

from captum.attr import Occlusion

from eca_viz.parameters import Param, Parameters
from eca_viz.saliency.base import Attribution, Method, Subject, channel_mean


def _occlusion(subject: Subject, parameters: Parameters) -> Attribution:
    channels = subject.inputs.shape[1]
    window, stride = int(parameters["window"]), int(parameters["stride"])
    values = Occlusion(subject.model).attribute(
        subject.inputs,
        sliding_window_shapes=(channels, window, window),
        strides=(channels, stride, stride),
        target=subject.target,
        perturbations_per_eval=int(parameters["perturbations_per_eval"]),
    )
    return Attribution(values)


def _occlusion_forwards(parameters: Parameters, side: int) -> int:
    """The untouched photograph, then every window, a few at a time."""
    positions = 1 + math.ceil(max(side - parameters["window"], 0) / parameters["stride"])
    return 1 + math.ceil(positions**2 / parameters["perturbations_per_eval"])


OCCLUSION = Method(
    name="occlusion",
    title="Occlusion",
    reading="How far the class score falls when a square around this pixel is painted over "
    "with the mean colour.",
    signed=True,
    attribute=_occlusion,
    reduce=channel_mean,
    forwards=_occlusion_forwards,
    params=(
        Param("window", "Side of the square in pixels", 32, 8, 64, 4),
        Param("stride", "Distance between squares in pixels", 16, 4, 32, 4),
        Param("perturbations_per_eval", "Squares at a time", 8, 1, 16, 1),
    ),
)
