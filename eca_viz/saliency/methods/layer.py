"""Methods that look at a layer inside the network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from eca_viz.locale.texts import text
from eca_viz.saliency.method import (
    Attribution,
    Method,
    Subject,
    channel_sum,
    largest_magnitude,
    one_pass,
)
from eca_viz.saliency.methods.gradient import without_relu
from eca_viz.saliency.quiet import quiet_captum
from eca_viz.settings import Choice, Settings

if TYPE_CHECKING:
    from torch import Tensor, nn

    from eca_viz.attention.discovery import AttentionLayer

LAST_STAGE = text("last stage")
LAYER = Choice("layer", text("Layer"), LAST_STAGE, (LAST_STAGE,), layers=True)


def _grad_cam(subject: Subject, settings: Settings) -> Attribution:
    from captum.attr import LayerAttribution, LayerGradCam

    values = LayerGradCam(subject.model, subject.layer).attribute(
        subject.inputs, target=subject.target, relu_attributions=True
    )
    side = (subject.inputs.shape[-2], subject.inputs.shape[-1])
    return Attribution(LayerAttribution.interpolate(values, side, "bilinear"))


def _guided_grad_cam(subject: Subject, settings: Settings) -> Attribution:
    from captum.attr import GuidedGradCam

    method = GuidedGradCam(subject.model, subject.layer)
    # It multiplies the two maps, and that of the layer is where the network computes.
    place = next(iter(subject.model.parameters()), subject.inputs).device
    inputs = subject.inputs.to(place)
    values = method.attribute(inputs, target=subject.target, interpolate_mode="bilinear")
    return Attribution(values)


def _two_passes(settings: Settings, inputs: Tensor) -> int:
    """One for Grad-CAM and one for Guided Backprop."""
    return 2


GRAD_CAM = Method(
    name="grad_cam",
    title="Grad-CAM",
    reading=text(
        "Where the chosen layer's feature maps that raise the class score are active; "
        "coarse, and only positive evidence for the class."
    ),
    signed=False,
    attribute=_grad_cam,
    reduce=channel_sum,
    forwards=one_pass,
    params=(LAYER,),
)

GUIDED_GRAD_CAM = Method(
    name="guided_grad_cam",
    title="Guided Grad-CAM",
    reading=text("The edges of Guided Backprop where Grad-CAM of the chosen layer is bright."),
    signed=False,
    attribute=_guided_grad_cam,
    reduce=largest_magnitude,
    forwards=_two_passes,
    params=(LAYER,),
    obstacle=without_relu,
)


def gate_attributions(
    model: nn.Module, layers: Sequence[AttentionLayer], inputs: Tensor, targets: Tensor
) -> tuple[Tensor, ...]:
    """`gate_attribution` of several layers and images at once, of gates that are not changed.

    Args:
        model: As in `gate_attribution`.
        layers: Its attention layers.
        inputs: Images (N, 3, H, W).
        targets: Index of the class of each, (N,).

    Returns:
        The attributions (N, C) of each layer.
    """
    from captum.attr import LayerGradientXActivation

    with quiet_captum():
        method = LayerGradientXActivation(model, [_gate(layer) for layer in layers])
        found = method.attribute(inputs.clone(), target=targets)
    return tuple(_of_gates(*pair) for pair in zip(layers, found, strict=True))


def gate_attribution(
    model: nn.Module, layer: AttentionLayer, inputs: Tensor, target: int
) -> Tensor:
    """Captum's gradient × activation of a layer's gates.

    It equals that of the gated feature maps summed over space, since their factor x does not
    depend on the gates. Of a layer whose gates are known by its output alone, that is computed.

    Args:
        model: A private network; Captum puts hooks on it.
        layer: One of its attention layers.
        inputs: One image, (1, 3, H, W).
        target: Index of the class.

    Returns:
        The attribution (C,).
    """
    from captum.attr import LayerGradientXActivation

    gate = _gate(layer)
    # A gate that was set to a constant has no gradient of its own to start from.
    hook = gate.register_forward_hook(lambda *call: call[2].detach().requires_grad_())
    try:
        with quiet_captum():
            values = LayerGradientXActivation(model, gate).attribute(inputs.clone(), target=target)
    finally:
        hook.remove()
    return _of_gates(layer, values)[0]


def _gate(layer: AttentionLayer) -> nn.Module:
    return layer.mechanism.probes(layer.module).weights.module


def _of_gates(layer: AttentionLayer, values: Tensor) -> Tensor:
    """Attributions (N, C) of gates; those of feature maps are summed over their positions."""
    found = values.detach()
    return found.flatten(2).sum(2) if layer.by_output else found.flatten(1)
