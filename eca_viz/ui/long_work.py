"""Computations that take long: what each depends on, for the cache, and how it is run."""

from collections.abc import Hashable

from eca_viz import inspection, pipeline
from eca_viz.inspection import gate_effects
from eca_viz.records import ChannelEffects, Explanation, LayerEffects, SaliencyMap, Scorecard
from eca_viz.saliency.methods.channel import CHANNEL_METHODS
from eca_viz.saliency.registry import find_method
from eca_viz.settings import Settings
from eca_viz.ui import cache
from eca_viz.ui.state import NetworkChoice

CHANNEL_TITLES = {method.name: method.title for method in CHANNEL_METHODS}


def saliency(
    explanation: Explanation,
    network: NetworkChoice,
    method: str,
    target: int,
    parameters: Settings,
) -> cache.Work[SaliencyMap]:
    """A saliency map.

    Args:
        explanation: the image, the network and its gates.
        network: the network to run.
        method: a name of eca_viz.METHODS.
        target: index of the class.
        parameters: of the method.
    """
    return cache.Work(
        cache.result_key(explanation, "saliency", _map_key(method, target, parameters)),
        find_method(method).title,
        lambda progress: pipeline.saliency_map(
            explanation,
            method,
            target,
            parameters=parameters,
            network=network.open(),
            progress=progress,
        ),
    )


def _map_key(method: str, target: int, parameters: Settings) -> tuple[Hashable, ...]:
    return method, target, tuple(sorted(parameters.items()))


def scorecard(explanation: Explanation, network: NetworkChoice) -> cache.Work[Scorecard]:
    """The scorecard of an explanation's maps."""
    maps = (_map_key(one.method, one.target.index, one.parameters) for one in explanation.saliency)
    return cache.Work(
        cache.result_key(explanation, "scorecard", *maps),
        "Scorecard",
        lambda progress: pipeline.scorecard(explanation, network=network.open(), progress=progress),
    )


def channel_saliency(
    explanation: Explanation, network: NetworkChoice, layer: str, index: int, method: str
) -> cache.Work[SaliencyMap]:
    """The saliency map of a channel.

    Args:
        explanation: the image, the network and its gates.
        network: the network to run.
        layer: name of the attention layer.
        index: of the channel.
        method: a name of CHANNEL_METHODS.
    """
    return cache.Work(
        cache.result_key(explanation, "channel saliency", layer, index, method),
        CHANNEL_TITLES[method],
        lambda progress: inspection.channel_saliency(
            network.open(), explanation, layer, index, method, progress=progress
        ),
    )


def channel_effects(
    explanation: Explanation, network: NetworkChoice, layer: str, target: int
) -> cache.Work[ChannelEffects]:
    """The effect of each gate of a layer on a class.

    Args:
        explanation: the image, the network and its gates.
        network: the network to run.
        layer: name of the attention layer.
        target: index of the class.
    """
    return cache.Work(
        cache.result_key(explanation, "channel effects", layer, target),
        f"The gates of {layer}, one by one",
        lambda progress: gate_effects.channel_effects(
            network.open(),
            explanation,
            layer,
            target,
            reference=cache.mean_gates(network),
            progress=progress,
        ),
    )


def layer_effects(
    explanation: Explanation, network: NetworkChoice, target: int
) -> cache.Work[LayerEffects]:
    """The effect of all gates of each layer on a class.

    Args:
        explanation: the image, the network and its gates.
        network: the network to run.
        target: index of the class.
    """
    return cache.Work(
        cache.result_key(explanation, "layer effects", target),
        "Layer by layer",
        lambda progress: gate_effects.layer_effects(
            network.open(),
            explanation,
            target,
            reference=cache.mean_gates(network),
            progress=progress,
        ),
    )
