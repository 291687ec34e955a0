"""From an image to its explanation: the only place where the parts are put together."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from eca_viz.errors import NetworkError, SaliencyError
from eca_viz.gates.change import Changes, Intervention
from eca_viz.gates.forward import attend, changed, inspect_layers
from eca_viz.gates.reference import resolve
from eca_viz.images.reading import ImageSource, read_image
from eca_viz.networks.loading import load_network
from eca_viz.networks.registry import DEFAULT_NETWORK
from eca_viz.networks.spec import Network
from eca_viz.progress import Progress, silent
from eca_viz.records import (
    Explanation,
    ImageInput,
    LayerAttention,
    Prediction,
    SaliencyMap,
    Scorecard,
)
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
    """Predictions, the attention of every layer, and saliency maps for an image.

    Args:
        image: A path, the bytes of a file, a PIL image or RGB uint8 pixels (H, W, 3).
        network: A name or path as for load_network, or a loaded network.
        saliency: Names of methods of eca_viz.METHODS.
        target: The class that saliency explains, by index or label; the predicted one if None.
        parameters: Parameters of the methods, by method name.
        scores: Whether the maps get a scorecard, under the same gates.
        gates: Changes of the gates, as for intervene(): "all:ones", "layer4.1.eca:channel=17,0";
            "reference" is each channel's mean gate over the network's reference set.
        progress: Called with what is being done, a download or a method's title, and the share
            in [0, 1] that is done of it; an exception that it raises ends the computation.

    Returns:
        The explanation.

    Raises:
        ImageError: For an image that cannot be used.
        NetworkError: For an unknown network, or weights that cannot be used.
        SaliencyError: For an unknown method or parameter, or one that does not suit the network.
        SelectionError: For a class, layer or channel that the network does not have.
        GateError: For a change that is unknown or does not fit the network.
    """
    given = read_image(image)
    loaded = network if isinstance(network, Network) else load_network(network, progress=progress)
    requests = _requests(saliency, parameters or {}, loaded)
    intervention = resolve(loaded, gates)
    index = None if target is None else loaded.class_index(target)
    explanation = _without_maps(given, loaded, intervention)
    maps = [
        _saliency_map(explanation, loaded, intervention, name, index, settings, progress)
        for name, settings in requests
    ]
    explanation = dataclasses.replace(explanation, saliency=tuple(maps))
    if not scores:
        return explanation
    scored = _scorecard(explanation, loaded, intervention, progress)
    return dataclasses.replace(explanation, scorecard=scored)


def _without_maps(image: ImageInput, network: Network, intervention: Intervention) -> Explanation:
    seen, inputs = network.spec.preprocess.see(image)
    logits, attention = attend(network.private(), inputs, intervention)
    if not torch.isfinite(logits).all():
        raise NetworkError(
            f"{network.record.title} gives numbers that are not finite for {image.name}; its "
            "weights are damaged, give others"
        )
    probabilities = torch.softmax(logits[0].double(), dim=0).numpy()
    best = np.argsort(-probabilities, kind="stable")[:BEST]
    return Explanation(
        image=image,
        seen=seen,
        network=network.record,
        probabilities=probabilities,
        predictions=tuple(_prediction(network, probabilities, int(i)) for i in best),
        attention=attention,
        saliency=(),
        versions=dict(versions()),
        gates=tuple(map(str, intervention.changes)),
    )


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

    Args:
        explanation: What the map is for; changed gates stay changed.
        method: Name of a method of eca_viz.METHODS.
        target: The class, by index or label; the predicted one if None.
        parameters: The method's own.
        network: The network, for one that load_network does not give.
        progress: As in `explain`.

    Returns:
        The map.

    Raises:
        SaliencyError: As `explain`.
        SelectionError: For an unknown class.
    """
    loaded = network or _load_again(explanation, progress)
    index = None if target is None else loaded.class_index(target)
    intervention = resolve(loaded, explanation.gates)
    return _saliency_map(
        explanation, loaded, intervention, method, index, parameters or {}, progress
    )


def _saliency_map(
    explanation: Explanation,
    network: Network,
    intervention: Intervention,
    method: str,
    index: int | None,
    parameters: Settings,
    progress: Progress,
) -> SaliencyMap:
    chosen = find_method(method)
    index = explanation.predictions[0].index if index is None else index
    private = network.private()
    with changed(private, intervention):
        return attribute(
            chosen,
            private.module,
            network.spec.gradcam_layer,
            network.spec.preprocess.normalise(explanation.seen),
            _prediction(network, explanation.probabilities, index),
            parameters,
            lambda fraction: progress(chosen.title, fraction),
            layers=[layer.name for layer in private.layers],
        )


def scorecard(
    explanation: Explanation, *, network: Network | None = None, progress: Progress = silent
) -> Scorecard:
    """Scores of an explanation's maps, all of one class, and of a random map as their baseline.

    The maps are scored under the gates that the explanation has.

    Args:
        explanation: What holds the maps.
        network: The network, for one that load_network does not give.
        progress: As in `explain`.

    Returns:
        The scorecard.

    Raises:
        SaliencyError: For an explanation without maps.
    """
    loaded = network or _load_again(explanation, progress)
    return _scorecard(explanation, loaded, resolve(loaded, explanation.gates), progress)


def _scorecard(
    explanation: Explanation, network: Network, intervention: Intervention, progress: Progress
) -> Scorecard:
    return scoring.scorecard(
        explanation.saliency,
        network,
        network.spec.preprocess.normalise(explanation.seen),
        intervention,
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
    saliency: str | Sequence[str], parameters: Mapping[str, Settings], network: Network
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
    layers = [layer.name for layer in network.layers]
    return [(m.name, m.complete(parameters.get(m.name, {}), layers)) for m in methods]


def inspect(network: str | Path | Network) -> tuple[LayerAttention, ...]:
    """The attention layers of a network in the order of the forward pass, without an image.

    It runs once, on an image of the mean colour: names, stages, channels, kernel sizes,
    reductions and taps are the network's own, descriptors and gates those of that image.
    Raises NetworkError as load_network does.
    """
    return inspect_layers(network if isinstance(network, Network) else load_network(network))


def _prediction(network: Network, probabilities: NDArray[np.float64], index: int) -> Prediction:
    return Prediction(index, network.record.labels[index], float(probabilities[index]))
