"""From a photograph to its explanation: the only place where the parts are put together."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from eca_viz.attention.discovery import find_attention
from eca_viz.errors import NetworkError, SaliencyError
from eca_viz.gates.change import as_changes
from eca_viz.gates.forward import attend
from eca_viz.gates.intervene import Changes
from eca_viz.gates.reference import as_explained, needed_gates
from eca_viz.images.reading import ImageSource, read_image
from eca_viz.networks.clone import clone
from eca_viz.networks.loading import load_network
from eca_viz.networks.registry import (
    DEFAULT_NETWORK,
)
from eca_viz.networks.spec import Network
from eca_viz.progress import Progress, silent
from eca_viz.records import Explanation, LayerAttention, Prediction, SaliencyMap, Scorecard
from eca_viz.saliency import scorecard as scoring
from eca_viz.saliency.attribute import attribute
from eca_viz.saliency.registry import find_method
from eca_viz.settings import Settings
from eca_viz.version import versions

BEST = 5


def explain(
    image: ImageSource,
    network: str | Path | Network = DEFAULT_NETWORK,
    saliency: str | Sequence[str] = ("integrated_gradients",),
    target: int | str | None = None,
    *,
    parameters: Mapping[str, Settings] | None = None,
    scores: bool = False,
    gates: Changes = (),
    progress: Progress = silent,
) -> Explanation:
    """What `network` makes of a photograph: predictions, attention of every layer, saliency.

    `saliency` names methods of eca_viz.saliency.METHODS, `parameters` gives theirs by
    method name. `target` is the class that saliency explains, by index or label; the
    predicted one if None. With `scores` the maps get a scorecard. `gates` changes the gates
    first, as intervene() does: "all:ones", "layer4.1.eca:channel=17,0"; "reference" is each
    channel's mean over the network's reference set. `progress` is called with what is being
    done, a download or a method's title, and the share in [0, 1] that is done of it; an
    exception that it raises ends the computation. Raises ImageError, NetworkError,
    SaliencyError or GateError with one sentence for bad input.
    """
    photograph = read_image(image)
    loaded = network if isinstance(network, Network) else load_network(network, progress=progress)
    requests = _requests(saliency, parameters or {}, loaded.module)
    changes = as_changes(gates)
    if scores and changes:
        raise SaliencyError(
            "got changed gates and a scorecard, which scores maps of networks as they were "
            "trained; leave one of the two out"
        )
    index = None if target is None else loaded.class_index(target)
    seen, inputs = loaded.spec.preprocess.see(photograph)
    logits, attention = attend(loaded.module, inputs, changes, needed_gates(loaded, changes))
    if not torch.isfinite(logits).all():
        raise NetworkError(
            f"{loaded.spec.title} gives numbers that are not finite for {photograph.name}; its "
            "weights are damaged, give others"
        )
    probabilities = torch.softmax(logits[0].double(), dim=0).numpy()
    best = np.argsort(-probabilities, kind="stable")[:BEST]
    explanation = Explanation(
        image=photograph,
        seen=seen,
        network=loaded.record(),
        probabilities=probabilities,
        predictions=tuple(_prediction(loaded, probabilities, int(i)) for i in best),
        attention=attention,
        saliency=(),
        versions=dict(versions()),
        gates=tuple(map(str, changes)),
    )
    maps = [
        saliency_map(explanation, name, index, network=loaded, parameters=given, progress=progress)
        for name, given in requests
    ]
    explanation = dataclasses.replace(explanation, saliency=tuple(maps))
    if not scores:
        return explanation
    scored = scorecard(explanation, network=loaded, progress=progress)
    return dataclasses.replace(explanation, scorecard=scored)


def saliency_map(
    explanation: Explanation,
    method: str,
    target: int | str | None = None,
    *,
    parameters: Settings | None = None,
    network: Network | None = None,
    progress: Progress = silent,
) -> SaliencyMap:
    """One more map for an explanation, of which nothing is computed again.

    Arguments and errors are those of `explain`; `network` is for one that load_network does
    not give.
    """
    chosen = find_method(method)
    loaded = network or _load_again(explanation, progress)
    index = explanation.predictions[0].index if target is None else loaded.class_index(target)
    private = clone(loaded.module)
    with as_explained(loaded, explanation, private):
        return attribute(
            chosen,
            private,
            loaded.spec.gradcam_layer,
            loaded.spec.preprocess.normalise(explanation.seen),
            _prediction(loaded, explanation.probabilities, index),
            parameters or {},
            lambda fraction: progress(chosen.title, fraction),
        )


def scorecard(
    explanation: Explanation, *, network: Network | None = None, progress: Progress = silent
) -> Scorecard:
    """How the maps of an explanation hold against the network, a random map and each other.

    All of them are of one class. `network` is for one that load_network does not give,
    `progress` that of `explain`. Raises SaliencyError for an explanation without maps.
    """
    loaded = network or _load_again(explanation, progress)
    return scoring.scorecard(
        explanation.saliency,
        loaded.module,
        loaded.spec.gradcam_layer,
        loaded.spec.preprocess.normalise(explanation.seen),
        lambda fraction: progress("Scorecard", fraction),
    )


def _load_again(explanation: Explanation, progress: Progress) -> Network:
    record = explanation.network
    return load_network(
        record.name,
        weights=record.options.get("weights"),
        labels=record.options.get("labels"),
        progress=progress,
    )


def _requests(
    saliency: str | Sequence[str], parameters: Mapping[str, Settings], module: nn.Module
) -> list[tuple[str, Settings]]:
    """Methods with all their parameters, checked before anything runs."""
    names = (saliency,) if isinstance(saliency, str) else saliency
    methods = [find_method(name) for name in names]
    unused = sorted({find_method(name).name for name in parameters} - set(names))
    if unused:
        raise SaliencyError(
            f"got parameters for {', '.join(unused)}, which is not among the methods asked for; "
            "add it to saliency or leave its parameters out"
        )
    layers = [layer.name for layer in find_attention(module)] if parameters else []
    return [(m.name, m.complete(parameters.get(m.name, {}), layers)) for m in methods]


def inspect(network: str | Path | Network) -> tuple[LayerAttention, ...]:
    """The attention layers of a network in the order of the forward pass, without a photograph.

    It runs once, on a picture of the mean colour: names, stages, channels, kernel sizes,
    reductions and taps are the network's own, descriptors and weights those of that
    picture. Raises NetworkError as load_network does.
    """
    loaded = network if isinstance(network, Network) else load_network(network)
    side = loaded.spec.preprocess.crop
    return attend(loaded.module, torch.zeros(1, 3, side, side))[1]


def _prediction(network: Network, probabilities: NDArray[np.float64], index: int) -> Prediction:
    return Prediction(index, network.spec.labels[index], float(probabilities[index]))
