"""Runs a saliency method on a private network."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor, nn

from eca_viz.errors import SaliencyError
from eca_viz.records import ChannelTarget, Prediction, SaliencyMap, as_floats
from eca_viz.saliency.method import Method, Subject
from eca_viz.saliency.methods.layer import LAST_STAGE
from eca_viz.saliency.quiet import quiet_captum
from eca_viz.settings import Settings


def attribute(
    method: Method,
    model: nn.Module,
    layer: str,
    inputs: Tensor,
    target: Prediction | ChannelTarget,
    parameters: Settings,
    progress: Callable[[float], None] = lambda fraction: None,
    *,
    layers: Sequence[str] | None = None,
) -> SaliencyMap:
    """The saliency map of one method.

    Args:
        method: One of METHODS.
        model: The network, which the method may change: give it a private one.
        layer: Name of the module behind the last stage.
        inputs: One image, (1, 3, H, W).
        target: What the map is of.
        parameters: The method's own; those left out have their defaults.
        progress: Called with the share in [0, 1] that is done before each forward pass; an
            exception that it raises ends the computation.
        layers: Names of the attention layers that a parameter may name; not checked if None.

    Returns:
        The map, (H, W).

    Raises:
        SaliencyError: For parameters out of range and for a network that does not suit the
            method.
    """
    complete = method.complete(parameters, layers)
    chosen = complete.get("layer", LAST_STAGE)
    place = model.get_submodule(layer if chosen == LAST_STAGE else chosen)
    obstacle = method.obstacle(model, complete)
    if obstacle:
        raise SaliencyError(obstacle)
    _report(model, method.forwards(complete, inputs), progress)
    subject = Subject(model, place, inputs.detach().clone(), target.index)
    start = time.perf_counter()
    with quiet_captum():
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
