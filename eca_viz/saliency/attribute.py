"""Saliency methods by name, each a thin wrapper over Captum."""

import time
import warnings
from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

from eca_viz.attention.discovery import find_attention
from eca_viz.errors import SaliencyError
from eca_viz.records import ChannelTarget, Prediction, SaliencyMap, as_floats
from eca_viz.saliency.method import Method, Subject
from eca_viz.saliency.methods.layer import LAST_STAGE
from eca_viz.settings import Settings

# Captum announces hooks that it removes again, and an input gradient that it asked for itself.
warnings.filterwarnings("ignore", message="Setting backward hooks on ReLU activations")
warnings.filterwarnings("ignore", message=r"\s*Setting forward, backward hooks and attributes")
warnings.filterwarnings("ignore", message="Input Tensor .* did not already require gradients")


def attribute(
    method: Method,
    model: nn.Module,
    layer: str,
    inputs: Tensor,
    target: Prediction | ChannelTarget,
    parameters: Settings,
    progress: Callable[[float], None] = lambda fraction: None,
) -> SaliencyMap:
    """Runs `method` on `model`, which it may change: give it a clone.

    `layer` names the module behind the last stage, `inputs` has the shape (1, C, H, W).
    `progress` gets the share that is done before each forward pass; an exception that it
    raises ends the computation. Raises SaliencyError for parameters out of range and for a
    network that does not suit the method.
    """
    complete = method.complete(parameters)
    if complete.get("layer", LAST_STAGE) != LAST_STAGE:
        complete = method.complete(parameters, [found.name for found in find_attention(model)])
        layer = complete["layer"]
    obstacle = method.obstacle(model, complete)
    if obstacle:
        raise SaliencyError(obstacle)
    _report(model, method.forwards(complete, inputs), progress)
    subject = Subject(model, model.get_submodule(layer), inputs.detach().clone(), target.index)
    start = time.perf_counter()
    attribution = method.attribute(subject, complete)
    values = method.reduce(attribution.values)[0].detach()
    return SaliencyMap(
        method=method.name,
        title=method.title,
        reading=method.reading,
        target=target,
        parameters=complete,
        values=as_floats(values.cpu().numpy()),
        signed=method.signed,
        convergence_delta=attribution.delta,
        seconds=time.perf_counter() - start,
    )


def _report(model: nn.Module, forwards: int, progress: Callable[[float], None]) -> None:
    done = 0

    def before(module: nn.Module, inputs: Any) -> None:
        nonlocal done
        progress(min(done / forwards, 1.0))
        done += 1

    model.register_forward_pre_hook(before)
