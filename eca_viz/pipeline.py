"""From an image to its explanation: the only place where the parts are put together."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from eca_viz.attention.lookalikes import unread
from eca_viz.gates.change import Changes, Intervention
from eca_viz.gates.familiarity import familiarity
from eca_viz.gates.feature_maps import kept_feature_maps
from eca_viz.gates.features import last_features
from eca_viz.gates.forward import UNCHANGED, changed, inspect_layers, observed
from eca_viz.gates.reference import resolve
from eca_viz.images.reading import ImageSource
from eca_viz.locale.texts import text
from eca_viz.networks import predictions
from eca_viz.networks.device import with_fallback
from eca_viz.networks.loading import load_again, load_network
from eca_viz.networks.passes import report
from eca_viz.networks.private import PrivateNetwork
from eca_viz.networks.registry import DEFAULT_NETWORK
from eca_viz.networks.spec import Network
from eca_viz.networks.tensors import Input, TensorSource, read_input, run
from eca_viz.progress import Progress, silent
from eca_viz.records import (
    Explanation,
    FeatureMaps,
    LayerAttention,
    MapScore,
    Prediction,
    SaliencyMap,
    Scorecard,
    ScoreTarget,
)
from eca_viz.saliency import scorecard as scoring
from eca_viz.saliency.attribute import attribute_class
from eca_viz.saliency.methods.layer import GRAD_CAM
from eca_viz.saliency.registry import find_method
from eca_viz.saliency.requests import requested
from eca_viz.settings import Settings
from eca_viz.version import versions


def explain(
    image: ImageSource | TensorSource,
    network: str | Path | Network = DEFAULT_NETWORK,
    saliency: str | Sequence[str] | None = None,
    target: int | str | None = None,
    *,
    parameters: Mapping[str, Settings] | None = None,
    scores: bool = False,
    gates: Changes = (),
    device: str = "",
    progress: Progress = silent,
) -> Explanation:
    """Predictions, the attention of every layer, and saliency maps for an image.

    Args:
        image: A path, the bytes of a file, a PIL image or RGB uint8 pixels (H, W, 3); of a network
            that takes tensors those, or the paths of `.npy` files.
        network: A name or path as for load_network, or a loaded network.
        saliency: Names of methods of eca_viz.METHODS; if None integrated gradients, where the
            network takes images and has classes or a score.
        target: The class that saliency explains, by index or label; the predicted one if None.
        parameters: Parameters of the methods, by method name.
        scores: Whether the maps get a scorecard, under the same gates.
        gates: Changes of the gates, as for intervene(): "all:ones", "layer4.1.eca:channel=17,0";
            "reference" is each channel's mean gate over the network's reference set.
        device: Where the network runs: "auto", a GPU that CUDA knows or else the CPU; "cpu",
            "cuda", "cuda:1". If empty what the network has, or ECA_VIZ_DEVICE names, or "auto".
            The explanation's arrays are NumPy's in any case.
        progress: Called with what is being done, a download or a method's title, and the share
            in [0, 1] that is done of it, also within a pass of the network; an exception that it
            raises ends the computation.

    Returns:
        The explanation.

    Warns:
        DeviceWarning: Where the device has too little memory, so that the CPU computes.

    Raises:
        ImageError: For an image that cannot be used.
        NetworkError: For an unknown network, or weights that cannot be used.
        SaliencyError: For an unknown method or parameter, or one that does not suit the network.
        SelectionError: For a class, layer or channel that the network does not have.
        GateError: For a change that is unknown or does not fit the network.

    >>> eca_viz.explain(image, saliency="grad_cam", target="church", gates="layer4:ones").gates
    ('layer4:ones',)
    """
    loaded = network if isinstance(network, Network) else load_network(network, progress=progress)
    if device:
        loaded = loaded.on(device)
    given = read_input(image, loaded)
    requests = requested(saliency, parameters or {}, loaded)
    if scores:
        predictions.needs_classes(loaded)
    intervention = resolve(loaded, gates, progress)
    index = None if target is None else loaded.class_index(target)

    def compute(network: Network) -> Explanation:
        private, settings = network.private_on_device(), dict(requests).get(GRAD_CAM.name)
        explanation, grad_cam = _first_pass(
            given, network, private, intervention, settings, index, progress
        )
        maps = [
            grad_cam
            if grad_cam is not None and name == GRAD_CAM.name
            else _saliency_map(explanation, network, intervention, name, index, settings, progress)
            for name, settings in requests
        ]
        explanation = dataclasses.replace(explanation, saliency=tuple(maps))
        scored = _scorecard(explanation, network, intervention, progress) if scores else None
        return dataclasses.replace(explanation, scorecard=scored)

    return with_fallback(loaded, compute)


def first_look(
    image: ImageSource, network: Network, *, gates: Changes = (), progress: Progress = silent
) -> tuple[Explanation, dict[str, FeatureMaps]]:
    """What is first shown of an image: the network runs once, and once backwards for the map.

    Args:
        image: As in `explain`.
        network: A loaded network.
        gates: As in `explain`.
        progress: As in `explain`.

    Returns:
        The explanation with Grad-CAM's map, as `explain` gives it, and the feature maps that
        each attention layer scales, by the layer's name.

    Raises:
        EcaVizError: As `explain`.
    """
    given, intervention = read_input(image, network), resolve(network, gates, progress)
    grad_cam = None if predictions.no_saliency(network) else GRAD_CAM.complete({})

    def compute(network: Network) -> tuple[Explanation, dict[str, FeatureMaps]]:
        private = network.private_on_device()
        with kept_feature_maps(private) as features:
            explanation, found = _first_pass(
                given, network, private, intervention, grad_cam, None, progress
            )
        return dataclasses.replace(explanation, saliency=(found,) if found else ()), features

    return with_fallback(network, compute)


def _first_pass(
    given: Input,
    network: Network,
    private: PrivateNetwork,
    intervention: Intervention,
    grad_cam: Settings | None,
    index: int | None,
    progress: Progress,
) -> tuple[Explanation, SaliencyMap | None]:
    """The explanation without maps and, where the settings of Grad-CAM are given, its map.

    Captum runs the network for the map; attention and predictions are of the same pass.
    """
    image, seen, inputs = given
    if intervention.changes and not all(layer.verdicts for layer in private.layers):
        # Which layers are read, and can be changed, shows without changes.
        with torch.inference_mode(), observed(private, UNCHANGED):
            run(private.module, inputs, network)
    found: list[predictions.Outcome] = []

    def note(logits: Tensor) -> None:
        found.append(predictions.outcome_of(logits, network, image.name))

    def choose(logits: Tensor) -> Prediction | ScoreTarget:
        note(logits)
        return predictions.target_of(network, found[0], index)

    saliency = None
    with observed(private, intervention) as recorder, last_features(network, private) as last:
        if grad_cam is None:
            report(private.module, progress, text("Attention"), 1)
            with torch.inference_mode():
                note(run(private.module, inputs, network))
        else:
            saliency = attribute_class(
                GRAD_CAM, network, private, inputs[0], choose, grad_cam, progress
            )
    explanation = Explanation(
        image=image,
        seen=seen,
        network=network.record,
        probabilities=found[0].probabilities,
        predictions=found[0].predictions,
        attention=recorder.records,
        saliency=(),
        versions=dict(versions()),
        gates=tuple(map(str, intervention.changes)),
        familiarity=None
        if intervention.changes
        else familiarity(network.record, recorder.records, last),
        unread=(*recorder.unread, *unread(network.lookalikes)),
        score=found[0].score,
    )
    return explanation, saliency


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
    loaded = network or load_again(explanation, progress)
    index = None if target is None else loaded.class_index(target)
    intervention = resolve(loaded, explanation.gates, progress)
    return with_fallback(
        loaded,
        lambda network: _saliency_map(
            explanation, network, intervention, method, index, parameters or {}, progress
        ),
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
    target = predictions.target_of(network, explanation, index)
    inputs = network.inputs_of(explanation)
    private = network.private_on_device()
    with changed(private, intervention):
        return attribute_class(
            find_method(method), network, private, inputs, target, parameters, progress
        )


def scorecard(
    explanation: Explanation,
    *,
    network: Network | None = None,
    progress: Progress = silent,
    on_score: Callable[[MapScore], None] = lambda score: None,
) -> Scorecard:
    """Scores of an explanation's maps, all of one class, and of a random map as their baseline.

    The maps are scored under the gates that the explanation has.

    Args:
        explanation: What holds the maps.
        network: The network, for one that load_network does not give.
        progress: As in `explain`.
        on_score: Called with the scores of each map as soon as they are there.

    Returns:
        The scorecard.

    Raises:
        SaliencyError: For an explanation without maps.
    """
    loaded = network or load_again(explanation, progress)
    intervention = resolve(loaded, explanation.gates, progress)
    told = scoring.ToldOnce(on_score)
    return with_fallback(
        loaded,
        lambda network: _scorecard(explanation, network, intervention, progress, told.anew()),
    )


def _scorecard(
    explanation: Explanation,
    network: Network,
    intervention: Intervention,
    progress: Progress,
    on_score: Callable[[MapScore], None] = lambda score: None,
) -> Scorecard:
    return scoring.scorecard(
        explanation.saliency,
        network,
        network.inputs_of(explanation),
        intervention,
        lambda fraction: progress(text("Scorecard"), fraction),
        on_score,
    )


def inspect(network: str | Path | Network) -> tuple[LayerAttention, ...]:
    """The attention layers of a network in the order of the forward pass, without an image.

    Descriptors and gates are of an image of the mean colour. Raises NetworkError as load_network.
    """
    return inspect_layers(network if isinstance(network, Network) else load_network(network))
