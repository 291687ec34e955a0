"""Times: attention, saliency, effects of gates, copies of a network, attention layers."""

import copy
import io
from collections.abc import Callable, Iterator, Mapping

import numpy as np
import torch
from PIL import Image
from torch import nn

from eca_viz.attention.discovery import find_attention
from eca_viz.attention.variants import VARIANTS, Sizes, Variant, find_variant
from eca_viz.benchmark.captum_baselines import DIRECT
from eca_viz.benchmark.ratio import RUNS, Ratio, medians
from eca_viz.gates.capture import capture
from eca_viz.gates.forward import attend
from eca_viz.gates.reference import reference_gates
from eca_viz.images import bounded, decoding
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
from eca_viz.settings import Settings

# By network, the limit of a captured pass.
ATTENTION_LIMITS = {"ECA-ResNet-18": 1.15, "ECA-ResNet-50": 1.05}
EXPLAIN_LIMIT = 1.2
SALIENCY_LIMIT = 1.05
# Methods with a limit of their own.
SALIENCY_LIMITS: dict[str, float] = {}
# Fewer samples where time only grows with them.
FEWER: dict[str, dict[str, float | str]] = {"kernel_shap": {"n_samples": 50}}
FEWEST: dict[str, dict[str, float | str]] = {
    "integrated_gradients": {"n_steps": 10},
    "occlusion": {"window": 64, "stride": 32},
    "gradient_shap": {"n_samples": 4},
    "smooth_grad": {"n_samples": 4},
    "feature_ablation": {"superpixels": 16},
    "kernel_shap": {"n_samples": 50, "superpixels": 16},
}
# A pass takes milliseconds, so that more of them can be timed.
PASSES = 31
LAYER_SIDE = 14
# As large as the images of cameras come out.
READ_SIZE = (2000, 1500)
READING_ALLOWANCE = 20.0
READING_LIMIT = 1.0
LAYER_REPEATS = 20


def time_attention(title: str, module: nn.Module) -> Ratio:
    """A captured forward pass of one image against the bare one."""
    inputs = _noise()
    layers = find_attention(module)

    def bare() -> None:
        with torch.inference_mode():
            module(inputs)

    ours, baseline = medians(lambda: attend(private_copy(module, layers), inputs), bare, PASSES)
    what = f"attention of one image, {title} at 224 px, against the bare forward pass"
    return Ratio(what, ours, baseline, "ms", ATTENTION_LIMITS[title])


def time_parts(title: str, module: nn.Module) -> Iterator[Ratio]:
    """What attention takes beside the pass, each part apart, against the bare forward pass.

    The hooks are put on and removed without a pass; what they do in a pass is the difference of
    a captured pass of a copy that is there already.
    """
    inputs = _noise()
    private = private_copy(module, find_attention(module))

    def bare() -> None:
        with torch.inference_mode():
            module(inputs)

    def hooks() -> None:
        with capture(private.module, layers=private.layers):
            pass

    def verified() -> None:
        for layer in private.layers:
            layer.verdicts.clear()
        attend(private, inputs)

    parts: dict[str, Callable[[], object]] = {
        "the private copy": lambda: private_copy(module, private.layers),
        "putting hooks on and removing them": hooks,
        "a captured pass of a private copy": lambda: attend(private, inputs),
        "the pass that verifies every layer's reading": verified,
    }
    for what, part in parts.items():
        ours, baseline = medians(part, bare, RUNS)
        yield Ratio(f"{what}, {title}, against the bare forward pass", ours, baseline, "ms", None)


def time_reading() -> Ratio:
    """What a process of its own adds to the time to read an ordinary JPEG, against its allowance.

    The process is warm. Its pixels are drawn as smooth noise.
    """
    coarse = torch.randint(0, 256, (60, 80, 3), dtype=torch.uint8).numpy()
    buffer = io.BytesIO()
    Image.fromarray(coarse).resize(READ_SIZE).save(buffer, "JPEG")
    data = buffer.getvalue()
    ours, baseline = medians(
        lambda: bounded.decode(data), lambda: np.array(decoding.decode(data)), PASSES
    )
    width, height = READ_SIZE
    what = f"what a limited process adds to decoding a JPEG of {width} × {height}, against 20 ms"
    return Ratio(what, ours - baseline, READING_ALLOWANCE, "ms", READING_LIMIT)


def _noise() -> torch.Tensor:
    return torch.randn(1, 3, 224, 224, generator=torch.Generator().manual_seed(0))


def time_explain() -> Ratio:
    """An explanation with Grad-CAM, all of it, against Captum's LayerGradCam alone."""
    network = load_network(DEFAULT_NETWORK)
    image = SAMPLES[0].read()
    _, inputs = network.spec.preprocess.see(image)
    last_stage = network.module.get_submodule(network.spec.gradcam_layer)
    target = explain(image, network, ()).predictions[0].index

    def direct() -> None:
        with quiet_captum():
            DIRECT["grad_cam"](network.module, last_stage, inputs.clone(), target, {})

    ours, baseline = medians(lambda: explain(image, network, ("grad_cam",)), direct, PASSES)
    what = "explain with Grad-CAM, bundled network, against Captum's LayerGradCam alone"
    return Ratio(what, ours, baseline, "ms", EXPLAIN_LIMIT)


def time_saliency(
    method: Method, settings: Mapping[str, Settings] = FEWER, runs: int = RUNS
) -> Ratio:
    """A method against Captum called on the shared network itself with the same settings.

    Args:
        method: What is measured.
        settings: Parameters by method where they are not the defaults.
        runs: As for `medians`.

    Returns:
        The ratio of the medians.
    """
    network = load_network(DEFAULT_NETWORK)
    layer = network.spec.gradcam_layer
    _, inputs = network.spec.preprocess.see(SAMPLES[0].read())
    target = Prediction(0, network.record.labels[0], 0.0)
    parameters = method.complete(settings.get(method.name, {}))
    last_stage = network.module.get_submodule(layer)

    def direct() -> None:
        with quiet_captum():
            DIRECT[method.name](
                network.module, last_stage, inputs.clone(), target.index, parameters
            )

    ours, baseline = medians(
        lambda: attribute(method, clone(network.module), layer, inputs, target, parameters),
        direct,
        runs,
    )
    what = f"{method.title}, bundled network, against Captum called directly"
    return Ratio(what, ours, baseline, "ms", SALIENCY_LIMITS.get(method.name, SALIENCY_LIMIT))


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
