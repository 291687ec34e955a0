"""Times: attention, saliency, effects of gates, copies of a network, attention layers."""

import copy
from collections.abc import Callable, Iterator

import torch
from torch import nn

from eca_viz.attention.discovery import find_attention
from eca_viz.attention.variants import VARIANTS, Sizes, Variant, find_variant
from eca_viz.benchmark.captum_baselines import DIRECT
from eca_viz.benchmark.ratio import Ratio, medians
from eca_viz.gates.forward import attend
from eca_viz.gates.reference import reference_gates
from eca_viz.images.samples import SAMPLES
from eca_viz.inspection.gate_effects import BATCH, channel_effects
from eca_viz.networks.architectures.eca_resnet import eca_resnet50
from eca_viz.networks.clone import clone
from eca_viz.networks.loading import load_network
from eca_viz.networks.private import private_copy
from eca_viz.networks.registry import DEFAULT_NETWORK
from eca_viz.networks.state import prepare
from eca_viz.pipeline import explain
from eca_viz.records import Prediction
from eca_viz.saliency.attribute import attribute
from eca_viz.saliency.method import Method
from eca_viz.saliency.quiet import quiet_captum

ATTENTION_LIMIT = 1.25
SALIENCY_LIMIT = 1.05
# Fewer samples where time only grows with them.
FEWER: dict[str, dict[str, float | str]] = {"kernel_shap": {"n_samples": 50}}
LAYER_SIDE = 14
LAYER_REPEATS = 20


def time_attention(title: str, module: nn.Module) -> Ratio:
    """A captured forward pass of one image against the bare one."""
    inputs = torch.randn(1, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    layers = find_attention(module)

    def bare() -> None:
        with torch.inference_mode():
            module(inputs)

    ours, baseline = medians(lambda: attend(private_copy(module, layers), inputs), bare)
    what = f"attention of one image, {title} at 224 px, against the bare forward pass"
    return Ratio(what, ours, baseline, "ms", ATTENTION_LIMIT)


def time_saliency(method: Method) -> Ratio:
    """A method against Captum called on the shared network itself with the same settings."""
    network = load_network(DEFAULT_NETWORK)
    layer = network.spec.gradcam_layer
    _, inputs = network.spec.preprocess.see(SAMPLES[0].read())
    target = Prediction(0, network.record.labels[0], 0.0)
    parameters = method.complete(FEWER.get(method.name, {}))
    last_stage = network.module.get_submodule(layer)

    def direct() -> None:
        with quiet_captum():
            DIRECT[method.name](
                network.module, last_stage, inputs.clone(), target.index, parameters
            )

    ours, baseline = medians(
        lambda: attribute(method, clone(network.module), layer, inputs, target, parameters), direct
    )
    what = f"{method.title}, bundled network, against Captum called directly"
    return Ratio(what, ours, baseline, "ms", SALIENCY_LIMIT)


def time_effects(layer: str, limit: float) -> Ratio:
    """The effect of every gate of a layer, against as many images through the bare network.

    The images go through in batches of the same size.
    """
    network = load_network(DEFAULT_NETWORK)
    explanation = explain(SAMPLES[0].read(), network, ())
    reference = reference_gates(network)
    target = explanation.predictions[0].index
    channels = explanation.layer(layer).channels
    images = torch.randn(channels, 3, *explanation.seen.shape[:2])

    def bare() -> None:
        with torch.inference_mode():
            for first in range(0, channels, BATCH):
                network.module(images[first : first + BATCH])

    ours, baseline = medians(
        lambda: channel_effects(network, explanation, layer, target, reference=reference),
        bare,
        runs=3,
    )
    what = f"effects of {channels} gates of {layer} on a logit, against bare passes in batches"
    return Ratio(what, ours, baseline, "ms", limit)


def time_clone() -> Ratio:
    """The network's private copy against the standard library's, both with shared tensors."""
    module = prepare(eca_resnet50())

    def deepcopy() -> None:
        tensors = (*module.parameters(), *module.buffers())
        copy.deepcopy(module, {id(tensor): tensor for tensor in tensors})

    ours, baseline = medians(lambda: clone(module), deepcopy)
    what = "clone of ECA-ResNet-50 against copy.deepcopy with the tensors in its memo"
    return Ratio(what, ours, baseline, "ms", None)


def time_layers(channels: int) -> Iterator[Ratio]:
    """Every attention layer against SE on one feature map, as the paper counts their cost."""
    torch.manual_seed(0)
    x = torch.randn(1, channels, LAYER_SIDE, LAYER_SIDE)

    def forward(variant: Variant) -> Callable[[], object]:
        layer = prepare(variant.build(channels, Sizes()))

        def run() -> None:
            with torch.inference_mode():
                for _ in range(LAYER_REPEATS):
                    layer(x)

        return run

    se = forward(find_variant("se"))
    for variant in VARIANTS:
        if variant.name not in {"none", "se"}:
            ours, baseline = medians(forward(variant), se)
            what = f"{variant.title} on {channels} × {LAYER_SIDE} × {LAYER_SIDE}, against SE"
            yield Ratio(what, ours / LAYER_REPEATS, baseline / LAYER_REPEATS, "ms", None)
