"""Methods that look at a layer inside the network."""

from captum.attr import LayerAttribution, LayerGradCam

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
