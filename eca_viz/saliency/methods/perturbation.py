"""Methods that change the image and measure the class score."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from eca_viz.locale.texts import text
from eca_viz.saliency.method import SEED, Attribution, Method, Subject, channel_mean
from eca_viz.saliency.methods.superpixels import COUNT, superpixels
from eca_viz.settings import Param, Settings

if TYPE_CHECKING:
    from torch import Tensor


def _occlusion(subject: Subject, settings: Settings) -> Attribution:
    from captum.attr import Occlusion

    channels = subject.inputs.shape[1]
    window, stride = int(settings["window"]), int(settings["stride"])
    values = Occlusion(subject.model).attribute(
        subject.inputs,
        sliding_window_shapes=(channels, window, window),
        strides=(channels, stride, stride),
        target=subject.target,
        perturbations_per_eval=int(settings["perturbations_per_eval"]),
    )
    return Attribution(values)


def _occlusion_forwards(settings: Settings, inputs: Tensor) -> int:
    """The unchanged image, then every window, a few at a time."""
    beyond = max(inputs.shape[-1] - int(settings["window"]), 0)
    positions = 1 + math.ceil(beyond / int(settings["stride"]))
    return 1 + math.ceil(positions**2 / int(settings["perturbations_per_eval"]))


def _feature_ablation(subject: Subject, settings: Settings) -> Attribution:
    from captum.attr import FeatureAblation

    values = FeatureAblation(subject.model).attribute(
        subject.inputs,
        target=subject.target,
        feature_mask=superpixels(subject.inputs, int(settings["superpixels"])),
        perturbations_per_eval=int(settings["perturbations_per_eval"]),
    )
    return Attribution(values)


def _feature_ablation_forwards(settings: Settings, inputs: Tensor) -> int:
    """The unchanged image, then about as many superpixels as asked for, a few at a time."""
    return 1 + math.ceil(int(settings["superpixels"]) / int(settings["perturbations_per_eval"]))


def _kernel_shap(subject: Subject, settings: Settings) -> Attribution:
    from captum.attr import KernelShap

    from eca_viz.saliency.methods.seeded import Seeded

    with Seeded(int(settings["seed"])):
        values = KernelShap(subject.model).attribute(
            subject.inputs,
            target=subject.target,
            feature_mask=superpixels(subject.inputs, int(settings["superpixels"])),
            n_samples=int(settings["n_samples"]),
            perturbations_per_eval=int(settings["perturbations_per_eval"]),
        )
    return Attribution(values)


def _kernel_shap_forwards(settings: Settings, inputs: Tensor) -> int:
    return math.ceil(int(settings["n_samples"]) / int(settings["perturbations_per_eval"]))


OCCLUSION = Method(
    name="occlusion",
    title=text("Occlusion"),
    reading=text(
        "The drop of the class score when a square around this pixel is set to the mean colour."
    ),
    signed=True,
    attribute=_occlusion,
    reduce=channel_mean,
    forwards=_occlusion_forwards,
    params=(
        Param("window", text("Side of the square in pixels"), 32, 8, 64, 4),
        Param("stride", text("Distance between squares in pixels"), 16, 4, 32, 4),
        Param("perturbations_per_eval", text("Squares at a time"), 8, 1, 16, 1),
    ),
)

FEATURE_ABLATION = Method(
    name="feature_ablation",
    title=text("Feature Ablation"),
    reading=text(
        "The drop of the class score when the patch of similar colour around this pixel is "
        "set to the mean colour, all else unchanged."
    ),
    signed=True,
    attribute=_feature_ablation,
    reduce=channel_mean,
    forwards=_feature_ablation_forwards,
    params=(COUNT, Param("perturbations_per_eval", text("Patches at a time"), 8, 1, 16, 1)),
)

KERNEL_SHAP = Method(
    name="kernel_shap",
    title="KernelSHAP",
    reading=text(
        "The share of this patch of similar colour in the class score, on average over random "
        "sets of patches set to the mean colour; all patches together add up to the "
        "change of the score."
    ),
    signed=True,
    attribute=_kernel_shap,
    reduce=channel_mean,
    forwards=_kernel_shap_forwards,
    params=(
        COUNT,
        Param("n_samples", text("Random sets"), 200, 50, 1000, 50),
        SEED,
        Param("perturbations_per_eval", text("Sets at a time"), 8, 1, 16, 1),
    ),
)
