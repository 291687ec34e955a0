"""Captum called as in its documentation: the reference for our methods' maps and times."""

from collections.abc import Callable

import numpy as np
import torch
from captum.attr import (
    DeepLift,
    FeatureAblation,
    GradientShap,
    GuidedBackprop,
    GuidedGradCam,
    InputXGradient,
    IntegratedGradients,
    KernelShap,
    LayerAttribution,
    LayerGradCam,
    NoiseTunnel,
    Occlusion,
    Saliency,
)
from torch import Tensor, nn

from eca_viz.saliency.methods.deep_lift_rules import Rescale
from eca_viz.saliency.methods.superpixels import superpixels
from eca_viz.settings import Settings

Call = Callable[[nn.Module, nn.Module, Tensor, int, Settings], Tensor]


def _integrated_gradients(
    model: nn.Module, layer: nn.Module, inputs: Tensor, target: int, settings: Settings
) -> Tensor:
    values, _ = IntegratedGradients(model).attribute(
        inputs, target=target, return_convergence_delta=True, **settings
    )
    total: Tensor = values.sum(1)
    return total


def _grad_cam(
    model: nn.Module, layer: nn.Module, inputs: Tensor, target: int, settings: Settings
) -> Tensor:
    values = LayerGradCam(model, layer).attribute(inputs, target=target, relu_attributions=True)
    height, width = inputs.shape[-2:]
    map_: Tensor = LayerAttribution.interpolate(values, (height, width), "bilinear")
    return map_.sum(1)


def _occlusion(
    model: nn.Module, layer: nn.Module, inputs: Tensor, target: int, settings: Settings
) -> Tensor:
    window, stride = int(settings["window"]), int(settings["stride"])
    values: Tensor = Occlusion(model).attribute(
        inputs,
        (3, window, window),
        (3, stride, stride),
        target=target,
        perturbations_per_eval=int(settings["perturbations_per_eval"]),
    )
    return values.mean(1)


def _deep_lift(
    model: nn.Module, layer: nn.Module, inputs: Tensor, target: int, settings: Settings
) -> Tensor:
    with Rescale():
        values, _ = DeepLift(model).attribute(inputs, target=target, return_convergence_delta=True)
    total: Tensor = values.sum(1)
    return total


def _spread(inputs: Tensor, settings: Settings) -> float:
    low, high = inputs.detach().aminmax()
    return float(settings["noise"]) * float(high - low)


def _gradient_shap(
    model: nn.Module, layer: nn.Module, inputs: Tensor, target: int, settings: Settings
) -> Tensor:
    """In batches, which Captum does not have, with the seeds that our method takes."""
    seed, copies, most = (int(settings[name]) for name in ("seed", "n_samples", "batch_size"))
    torch.manual_seed(seed)
    parts = []
    for number, done in enumerate(range(0, copies, most)):
        np.random.seed(copies * seed + number)
        size = min(most, copies - done)
        values = GradientShap(model).attribute(
            inputs,
            baselines=torch.zeros_like(inputs),
            target=target,
            n_samples=size,
            stdevs=_spread(inputs, settings),
        )
        parts.append(values.sum(1) * size / copies)
    return torch.stack(parts).sum(0)


def _smooth_grad(
    model: nn.Module, layer: nn.Module, inputs: Tensor, target: int, settings: Settings
) -> Tensor:
    """Of plain gradients, the default of our method."""
    torch.manual_seed(int(settings["seed"]))
    values: Tensor = NoiseTunnel(Saliency(model)).attribute(
        inputs,
        target=target,
        nt_samples=int(settings["n_samples"]),
        nt_samples_batch_size=int(settings["batch_size"]),
        stdevs=_spread(inputs, settings),
        abs=False,
    )
    return values.abs().amax(1)


def _guided_grad_cam(
    model: nn.Module, layer: nn.Module, inputs: Tensor, target: int, settings: Settings
) -> Tensor:
    method = GuidedGradCam(model, layer)
    values: Tensor = method.attribute(inputs, target, interpolate_mode="bilinear")
    return values.abs().amax(1)


def _feature_ablation(
    model: nn.Module, layer: nn.Module, inputs: Tensor, target: int, settings: Settings
) -> Tensor:
    values: Tensor = FeatureAblation(model).attribute(
        inputs,
        target=target,
        feature_mask=superpixels(inputs, int(settings["superpixels"])),
        perturbations_per_eval=int(settings["perturbations_per_eval"]),
    )
    return values.mean(1)


def _kernel_shap(
    model: nn.Module, layer: nn.Module, inputs: Tensor, target: int, settings: Settings
) -> Tensor:
    torch.manual_seed(int(settings["seed"]))
    values: Tensor = KernelShap(model).attribute(
        inputs,
        target=target,
        feature_mask=superpixels(inputs, int(settings["superpixels"])),
        n_samples=int(settings["n_samples"]),
        perturbations_per_eval=int(settings["perturbations_per_eval"]),
    )
    return values.mean(1)


DIRECT: dict[str, Call] = {
    "integrated_gradients": _integrated_gradients,
    "grad_cam": _grad_cam,
    "saliency": lambda m, _, x, t, p: Saliency(m).attribute(x, target=t).abs().amax(1),
    "input_x_gradient": lambda m, _, x, t, p: InputXGradient(m).attribute(x, target=t).sum(1),
    "guided_backprop": lambda m, _, x, t, p: GuidedBackprop(m).attribute(x, target=t).abs().amax(1),
    "occlusion": _occlusion,
    "deep_lift": _deep_lift,
    "gradient_shap": _gradient_shap,
    "smooth_grad": _smooth_grad,
    "guided_grad_cam": _guided_grad_cam,
    "feature_ablation": _feature_ablation,
    "kernel_shap": _kernel_shap,
}
