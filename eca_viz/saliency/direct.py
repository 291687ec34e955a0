"""Captum called as its documentation does: what our methods must equal and not slow down."""

from collections.abc import Callable

from captum.attr import (
    GuidedBackprop,
    InputXGradient,
    IntegratedGradients,
    LayerAttribution,
    LayerGradCam,
    Occlusion,
    Saliency,
)
from torch import Tensor, nn

from eca_viz.parameters import Parameters

Call = Callable[[nn.Module, nn.Module, Tensor, int, Parameters], Tensor]


def _integrated_gradients(
    model: nn.Module, layer: nn.Module, inputs: Tensor, target: int, parameters: Parameters
) -> Tensor:
    values, _ = IntegratedGradients(model).attribute(
        inputs, target=target, return_convergence_delta=True, **parameters
    )
    total: Tensor = values.sum(1)
    return total


def _grad_cam(
    model: nn.Module, layer: nn.Module, inputs: Tensor, target: int, parameters: Parameters
) -> Tensor:
    values = LayerGradCam(model, layer).attribute(inputs, target=target, relu_attributions=True)
    height, width = inputs.shape[-2:]
    map_: Tensor = LayerAttribution.interpolate(values, (height, width), "bilinear")
    return map_.sum(1)


def _occlusion(
    model: nn.Module, layer: nn.Module, inputs: Tensor, target: int, parameters: Parameters
) -> Tensor:
    window, stride = int(parameters["window"]), int(parameters["stride"])
    values: Tensor = Occlusion(model).attribute(
        inputs,
        (3, window, window),
        (3, stride, stride),
        target=target,
        perturbations_per_eval=int(parameters["perturbations_per_eval"]),
    )
    return values.mean(1)


DIRECT: dict[str, Call] = {
    "integrated_gradients": _integrated_gradients,
    "grad_cam": _grad_cam,
    "saliency": lambda m, _, x, t, p: Saliency(m).attribute(x, target=t).abs().amax(1),
    "input_x_gradient": lambda m, _, x, t, p: InputXGradient(m).attribute(x, target=t).sum(1),
    "guided_backprop": lambda m, _, x, t, p: GuidedBackprop(m).attribute(x, target=t).abs().amax(1),
    "occlusion": _occlusion,
}
