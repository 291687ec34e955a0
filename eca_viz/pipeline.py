"""From a photograph to its explanation: the only place where the parts are put together."""

import importlib.metadata
import platform
from collections.abc import Callable, Mapping, Sequence
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from eca_viz.errors import SaliencyError
from eca_viz.images import ImageSource, read_image
from eca_viz.networks import NETWORKS, find_network, load_network
from eca_viz.networks.base import Network
from eca_viz.networks.clone import clone
from eca_viz.recorder import capture
from eca_viz.records import Explanation, LayerAttention, Prediction, SaliencyMap
from eca_viz.saliency import METHODS, attribute, find_method
from eca_viz.saliency.base import Method

__all__ = [
    "DEFAULT_NETWORK",
    "METHODS",
    "NETWORKS",
    "attend",
    "explain",
    "find_method",
    "find_network",
    "load_network",
    "versions",
]

DEFAULT_NETWORK = "eca_resnet18_imagenette"
BEST = 5

Progress = Callable[[str, float], None]


def _silent(what: str, fraction: float) -> None:
    """Reports to nobody."""


def explain(
    image: ImageSource,
    network: str | Network = DEFAULT_NETWORK,
    saliency: str | Sequence[str] = ("integrated_gradients",),
    target: int | str | None = None,
    *,
    parameters: Mapping[str, Mapping[str, float]] | None = None,
    progress: Progress = _silent,
) -> Explanation:
    """What `network` makes of a photograph: predictions, attention of every layer, saliency.

    `saliency` names methods of eca_viz.saliency.METHODS, `parameters` gives theirs by
    method name. `target` is the class that saliency explains, by index or label; the
    predicted one if None. `progress` is called with a method's title and the share in
    [0, 1] that is done of it; an exception that it raises ends the computation.
    Raises ImageError, NetworkError or SaliencyError with one sentence for bad input.
    """
    photograph = read_image(image)
    loaded = load_network(network) if isinstance(network, str) else network
    methods = [find_method(name) for name in _names(saliency)]
    given = {find_method(name).name: values for name, values in (parameters or {}).items()}
    unused = sorted(given.keys() - {method.name for method in methods})
    if unused:
        raise SaliencyError(
            f"got parameters for {', '.join(unused)}, which is not among the methods asked for; "
            "add it to saliency or leave its parameters out"
        )
    seen, inputs = loaded.spec.preprocess.see(photograph)
    logits, attention = attend(loaded.module, inputs)
    probabilities = torch.softmax(logits[0].double(), dim=0).numpy()
    best = np.argsort(-probabilities, kind="stable")[:BEST]
    predictions = tuple(_prediction(loaded, probabilities, int(index)) for index in best)
    index = predictions[0].index if target is None else loaded.class_index(target)
    chosen = _prediction(loaded, probabilities, index)

    def run(method: Method) -> SaliencyMap:
        return attribute(
            method,
            clone(loaded.module),
            loaded.spec.gradcam_layer,
            inputs,
            chosen,
            given.get(method.name, {}),
            lambda fraction: progress(method.title, fraction),
        )

    return Explanation(
        image=photograph,
        seen=seen,
        network=loaded.record(),
        predictions=predictions,
        attention=attention,
        saliency=tuple(run(method) for method in methods),
        versions=versions(),
    )


def _names(saliency: str | Sequence[str]) -> Sequence[str]:
    return (saliency,) if isinstance(saliency, str) else saliency


def attend(module: nn.Module, inputs: Tensor) -> tuple[Tensor, tuple[LayerAttention, ...]]:
    """Logits of a batch, and the attention of every layer in the order of the forward pass.

    The hooks are on a clone: `module` may be shared.
    """
    private = clone(module)
    with capture(private) as recorder, torch.inference_mode():
        logits = private(inputs)
    return logits, recorder.records


def _prediction(network: Network, probabilities: NDArray[np.float64], index: int) -> Prediction:
    return Prediction(index, network.spec.labels[index], float(probabilities[index]))


@cache
def versions() -> Mapping[str, str]:
    """Versions of Python and of the packages that numbers depend on."""
    packages = ("torch", "torchvision", "captum", "numpy", "pillow")
    found = {package: importlib.metadata.version(package) for package in packages}
    return {"python": platform.python_version(), **found}
