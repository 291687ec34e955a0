"""Runs a saliency method on a private network."""

import importlib
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor, nn

from eca_viz.errors import SaliencyError
from eca_viz.locale.texts import text
from eca_viz.networks.passes import report
from eca_viz.networks.private import PrivateNetwork
from eca_viz.networks.spec import Network
from eca_viz.progress import Progress, silent
from eca_viz.records import ChannelTarget, Prediction, SaliencyMap, ScoreTarget, as_floats
from eca_viz.saliency.method import Attribution, Method, Subject
from eca_viz.saliency.methods.layer import LAST_STAGE
from eca_viz.saliency.quiet import quiet_captum
from eca_viz.settings import Settings

Target = Prediction | ChannelTarget | ScoreTarget


def attribute(
    method: Method,
    model: nn.Module,
    layer: str,
    inputs: Tensor,
    target: Target | Callable[[Tensor], Target],
    parameters: Settings,
    progress: Progress = silent,
    *,
    layers: Sequence[str] | None = None,
) -> SaliencyMap:
    """The saliency map of one method.

    Args:
        method: One of METHODS.
        model: The network, which the method may change: give it a private one.
        layer: Name of the module behind the last stage.
        inputs: One image, (1, 3, H, W).
        target: What the map is of; for a method of one forward pass also a function that says it
            of the pass's logits (1, classes).
        parameters: The method's own; those left out have their defaults.
        progress: Called with the method's title and the share in [0, 1] that is done, before each
            pass and from time to time within it; an exception that it raises ends the computation.
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
    report(model, progress, method.title, method.forwards(complete, inputs))
    targets = _chosen_by_the_pass(model, target) if callable(target) else [target]
    index = None if callable(target) else target.index
    subject = Subject(model, place, inputs.detach().clone(), index)
    if "captum.attr" not in sys.modules:  # takes a second, which is not the method's
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "IProgress not found")  # a notebook without widgets
            importlib.import_module("captum.attr")
    start = time.perf_counter()
    with quiet_captum():
        attribution = _attribution(method, subject, complete, targets)
    values = method.reduce(attribution.values)[0].detach()
    return SaliencyMap(
        method=method.name,
        title=method.title,
        reading=method.reading,
        target=targets[0],
        parameters=complete,
        values=as_floats(values.cpu().numpy()),
        signed=method.signed,
        convergence_delta=attribution.delta,
        seconds=time.perf_counter() - start,
    )


def _attribution(
    method: Method, subject: Subject, parameters: Settings, targets: Sequence[Target]
) -> Attribution:
    try:
        return method.attribute(subject, parameters)
    except RuntimeError as error:
        given = bool(targets) and isinstance(targets[0], ScoreTarget)
        if given and "does not require grad" in str(error):
            raise SaliencyError(
                text(
                    "the score has no gradient, which {method} needs; give a score that is "
                    "computed from the output by differentiable steps, or choose occlusion",
                    method=method.title,
                )
            ) from error
        raise


def attribute_class(
    method: Method,
    network: Network,
    private: PrivateNetwork,
    inputs: Tensor,
    target: Target | Callable[[Tensor], Target],
    parameters: Settings,
    progress: Progress,
) -> SaliencyMap:
    """The map of a class of a network.

    Args:
        method: One of METHODS.
        network: The network.
        private: The copy of it that the method may change.
        inputs: As in `attribute`.
        target: As in `attribute`.
        parameters: As in `attribute`.
        progress: As in `attribute`.

    Returns:
        The map, (H, W).

    Raises:
        SaliencyError: As `attribute`.
    """
    return attribute(
        method,
        private.module,
        network.spec.gradcam_layer,
        inputs,
        target,
        parameters,
        progress,
        layers=[layer.name for layer in private.layers],
    )


def _chosen_by_the_pass(model: nn.Module, choose: Callable[[Tensor], Target]) -> list[Target]:
    """Where what `choose` says of the logits will stand; the model's output becomes its score."""
    chosen: list[Target] = []

    def score(module: nn.Module, inputs: Any, logits: Tensor) -> Tensor:
        chosen.append(choose(logits.detach()))
        return logits[:, chosen[0].index]

    model.register_forward_hook(score)
    return chosen
