"""Methods that look at a layer inside the network."""

from captum.attr import LayerAttribution, LayerGradCam, LayerGradientXActivation
from torch import Tensor, nn

from eca_viz.parameters import Parameters
from eca_viz.saliency.base import Attribution, Method, Subject, channel_sum


def _grad_cam(subject: Subject, parameters: Parameters) -> Attribution:
    values = LayerGradCam(subject.model, subject.layer).attribute(
        subject.inputs, target=subject.target, relu_attributions=True
    )
    side = (subject.inputs.shape[-2], subject.inputs.shape[-1])
    return Attribution(LayerAttribution.interpolate(values, side, "bilinear"))


def _one(parameters: Parameters, side: int) -> int:
    return 1


GRAD_CAM = Method(
    name="grad_cam",
    title="Grad-CAM",
    reading="Where the last stage's feature maps that raise the class score are active; "
    "coarse, and only what speaks for the class.",
    signed=False,
    attribute=_grad_cam,
    reduce=channel_sum,
    forwards=_one,
)


def gate_attribution(model: nn.Module, gate: nn.Module, inputs: Tensor, target: int) -> Tensor:
    """Captum's gradient × activation of a layer's gates (C,), the output of its sigmoid `gate`.

    It equals that of the gated feature maps summed over space, since their factor x does not
    depend on the gates. `model` is private: Captum puts hooks on it.
    """
    # A gate that was set to a constant has no gradient of its own to start from.
    hook = gate.register_forward_hook(lambda *call: call[2].detach().requires_grad_())
    try:
        values = LayerGradientXActivation(model, gate).attribute(inputs.clone(), target=target)
    finally:
        hook.remove()
    attribution: Tensor = values.detach().flatten()
    return attribution
