"""Computations that take long: what each depends on, for the cache, and how it is run."""

from collections.abc import Callable, Hashable

from eca_viz.locale.texts import text
from eca_viz.progress import Progress
from eca_viz.records import (
    ChannelEffects,
    Explanation,
    LayerEffects,
    MapScore,
    SaliencyMap,
    Scorecard,
)
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

    def run(progress: Progress) -> SaliencyMap:
        from eca_viz import pipeline

        key = _map_key(method, target, find_method(method).complete(parameters))
        for known in cache.first_pass(explanation.image, network, explanation.gates).saliency:
            if _key_of(known) == key:
                return known
        return pipeline.saliency_map(
            explanation,
            method,
            target,
            parameters=parameters,
            network=network.open(),
            progress=progress,
        )

    key = _map_key(method, target, parameters)
    return cache.Work(
        cache.result_key(explanation, "saliency", key), find_method(method).title, run
    )


def _map_key(method: str, target: int, parameters: Settings) -> tuple[Hashable, ...]:
    return method, target, tuple(sorted(parameters.items()))


def _key_of(known: SaliencyMap) -> tuple[Hashable, ...]:
    return _map_key(known.method, known.target.index, known.parameters)


def scorecard(
    explanation: Explanation,
    network: NetworkChoice,
    on_score: Callable[[MapScore], None] = lambda score: None,
) -> cache.Work[Scorecard]:
    """The scorecard of an explanation's maps.

    Args:
        explanation: what holds the maps.
        network: the network to run.
        on_score: called with the scores of each map as soon as they are there.
    """

    def run(progress: Progress) -> Scorecard:
        from eca_viz import pipeline

        return pipeline.scorecard(
            explanation, network=network.open(), progress=progress, on_score=on_score
        )

    maps = map(_key_of, explanation.saliency)
    return cache.Work(cache.result_key(explanation, "scorecard", *maps), text("Scorecard"), run)


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

    def run(progress: Progress) -> SaliencyMap:
        from eca_viz import inspection

        return inspection.channel_saliency(
            network.open(), explanation, layer, index, method, progress=progress
        )

    key = cache.result_key(explanation, "channel saliency", layer, index, method)
    return cache.Work(key, CHANNEL_TITLES[method], run)


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

    def run(progress: Progress) -> ChannelEffects:
        from eca_viz.inspection import gate_effects

        return gate_effects.channel_effects(
            network.open(),
            explanation,
            layer,
            target,
            reference=cache.mean_gates(network),
            progress=progress,
        )

    key = cache.result_key(explanation, "channel effects", layer, target)
    return cache.Work(key, text("The gates of {layer}, one by one", layer=layer), run)


def layer_effects(
    explanation: Explanation, network: NetworkChoice, target: int
) -> cache.Work[LayerEffects]:
    """The effect of all gates of each layer on a class.

    Args:
        explanation: the image, the network and its gates.
        network: the network to run.
        target: index of the class.
    """

    def run(progress: Progress) -> LayerEffects:
        from eca_viz.inspection import gate_effects

        return gate_effects.layer_effects(
            network.open(),
            explanation,
            target,
            reference=cache.mean_gates(network),
            progress=progress,
        )

    return cache.Work(
        cache.result_key(explanation, "layer effects", target), text("Layer by layer"), run
    )
