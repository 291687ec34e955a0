"""Everything that is kept between reruns and shared between sessions."""

import atexit
import gc
import threading
from collections.abc import Callable, Hashable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import streamlit as st
from cachetools import LRUCache, cached

from eca_viz import figures, inspection, pipeline
from eca_viz.attention.variants import VARIANTS, Sizes, Variant, find_variant
from eca_viz.gates.reference import reference_gates
from eca_viz.images.reading import read_image
from eca_viz.images.samples import find_sample
from eca_viz.inspection import gate_effects
from eca_viz.inspection.costs import network_costs
from eca_viz.inspection.mixing_matrix import respond, untrained_matrix
from eca_viz.networks import registry
from eca_viz.networks.bundled.ablation import trained_variants
from eca_viz.networks.loading import load_network
from eca_viz.networks.registry import DEFAULT_NETWORK
from eca_viz.progress import Progress, silent
from eca_viz.records import (
    ChannelEffects,
    Explanation,
    FeatureMaps,
    Floats,
    ImageInput,
    LayerEffects,
    LayerResponse,
    NetworkCosts,
    ReferenceGates,
    SaliencyMap,
    Scorecard,
)
from eca_viz.saliency.methods.channel import CHANNEL_METHODS
from eca_viz.saliency.registry import find_method
from eca_viz.settings import Settings
from eca_viz.ui.state import NetworkChoice

T = TypeVar("T")

# An image may take 150 MB; a saliency map of 176 × 176 takes 124 kB.
IMAGES = 8
RESULTS = 256
# The feature maps of all layers of an ECA-ResNet-50 at 224 px take 22 MB.
MAPPED = 4
RESPONSES = 64

CHANNEL_TITLES = {method.name: method.title for method in CHANNEL_METHODS}


@st.cache_resource(show_spinner=False)
def warm_up() -> None:
    """Loads the default network, then takes all that is loaded out of the collector's sight.

    Streamlit collects garbage after every rerun, which takes 0.3 s with PyTorch imported
    unless its objects are frozen.
    """
    load_network(DEFAULT_NETWORK)
    figures.predictions([])  # Plotly imports its validators with the first figure
    _freeze()
    atexit.register(gc.unfreeze)  # else libraries report leaks when the app ends


def _freeze() -> None:
    gc.collect()
    gc.freeze()


@st.cache_resource(show_spinner="Reading the lists of timm and torchvision …")
def downloadable() -> Sequence[str]:
    """Names of the networks that can be downloaded; timm is imported with the first call."""
    names = registry.downloadable()
    _freeze()
    return names


@st.cache_resource(max_entries=IMAGES, show_spinner=False)
def sample(name: str) -> ImageInput:
    """A sample image, decoded."""
    return find_sample(name).read()


@st.cache_resource(max_entries=IMAGES, show_spinner=False)
def upload(sha256: str, _data: bytes, name: str) -> ImageInput:
    """An uploaded image, decoded; `sha256` is that of its bytes."""
    return read_image(_data, name)


@st.cache_resource(max_entries=IMAGES, show_spinner=False)
def _explanation(
    sha256: str,
    name: str,
    key: str,
    gates: tuple[str, ...],
    _image: ImageInput,
    _network: NetworkChoice,
) -> Explanation:
    return pipeline.explain(_image, _network.open(), saliency=(), gates=gates)


def explanation(
    image: ImageInput, network: NetworkChoice, gates: tuple[str, ...] = ()
) -> Explanation:
    """Predictions and attention of an image; runs the network only once for it."""
    return _explanation(image.sha256, image.name, network.key, gates, image, network)


@st.cache_resource(max_entries=IMAGES, show_spinner="Running every mechanism …")
def _variants(sha256: str, name: str, _image: ImageInput) -> dict[str, Explanation]:
    return {
        variant: pipeline.explain(_image, network, saliency=())
        for variant, network in trained_variants().items()
    }


def variants(image: ImageInput) -> dict[str, Explanation]:
    """The image through the shipped network of each mechanism, by the mechanism's name."""
    return _variants(image.sha256, image.name, image)


@st.cache_resource(max_entries=len(VARIANTS), show_spinner=False)
def _matrix(name: str, channels: int, _sizes: Sizes, key: str) -> Floats:
    return untrained_matrix(find_variant(name), channels, _sizes)


def matrix(variant: Variant, channels: int, sizes: Sizes) -> Floats:
    """The matrix of an untrained layer; those of one choice are kept, 180 MB at C = 2048."""
    return _matrix(variant.name, channels, sizes, repr(sizes))


@st.cache_resource(max_entries=IMAGES, show_spinner=False)
def _costs(key: str, _network: NetworkChoice) -> NetworkCosts:
    return network_costs(_network.open())


def costs(network: NetworkChoice) -> NetworkCosts:
    """What a network's attention costs; counted once."""
    return _costs(network.key, network)


def mean_gates(network: NetworkChoice) -> ReferenceGates:
    """The mean gates of the network's reference set."""
    return reference_gates(network.open())


def result_key(explanation: Explanation, *what: Hashable) -> tuple[Hashable, ...]:
    """What a result depends on that is computed from an explanation; `what` names the result."""
    image, network = explanation.image.sha256, explanation.network
    return (image, network.sha256, network.labels, explanation.gates, *what)


@cached(LRUCache(RESPONSES), key=result_key, lock=threading.Lock())
def response(explanation: Explanation, layer: str) -> LayerResponse:
    """Matrix and Jacobian of a layer at this image; for the networks that are shipped."""
    return respond(load_network(explanation.network.name), explanation, layer)


@cached(
    LRUCache(MAPPED),
    key=lambda explanation, network: result_key(explanation),
    lock=threading.Lock(),
)
def feature_maps(explanation: Explanation, network: NetworkChoice) -> dict[str, FeatureMaps]:
    """The input of each layer for an image, by the layer's name; the network runs once."""
    return inspection.all_feature_maps(network.open(), explanation)


@dataclass(frozen=True)
class Work(Generic[T]):
    """Long work: what its result depends on, its title, and the computation."""

    key: Hashable
    title: str
    run: Callable[[Progress], T]


# st.cache_resource cannot report progress while it computes.
_results: LRUCache[Hashable, Any] = LRUCache(RESULTS)
_SILENT = nullcontext(silent)


@cached(_results, key=lambda work, shown: work.key, lock=threading.Lock())
def _computed(work: Work[Any], shown: AbstractContextManager[Progress]) -> Any:
    with shown as progress:
        return work.run(progress)


def known(work: Work[Any]) -> bool:
    """Whether the result of the work is kept."""
    return work.key in _results


def result(work: Work[T], shown: AbstractContextManager[Progress] = _SILENT) -> T:
    """The result of the work, computed where it is not kept, and kept for all sessions.

    `shown` is entered for the computation and gives what is called with its progress. Raises
    what the work raises.
    """
    found: T = _computed(work, shown)
    return found


def saliency(
    explanation: Explanation,
    network: NetworkChoice,
    method: str,
    target: int,
    parameters: Settings,
) -> Work[SaliencyMap]:
    """A saliency map of a class by its index."""
    return Work(
        result_key(explanation, "saliency", _map_key(method, target, parameters)),
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


def scorecard(explanation: Explanation, network: NetworkChoice) -> Work[Scorecard]:
    """The scorecard of an explanation's maps."""
    maps = (_map_key(one.method, one.target.index, one.parameters) for one in explanation.saliency)
    return Work(
        result_key(explanation, "scorecard", *maps),
        "Scorecard",
        lambda progress: pipeline.scorecard(explanation, network=network.open(), progress=progress),
    )


def channel_saliency(
    explanation: Explanation, network: NetworkChoice, layer: str, index: int, method: str
) -> Work[SaliencyMap]:
    """The saliency map of a channel."""
    return Work(
        result_key(explanation, "channel saliency", layer, index, method),
        CHANNEL_TITLES[method],
        lambda progress: inspection.channel_saliency(
            network.open(), explanation, layer, index, method, progress=progress
        ),
    )


def channel_effects(
    explanation: Explanation, network: NetworkChoice, layer: str, target: int
) -> Work[ChannelEffects]:
    """The effect of each gate of a layer on a class."""
    return Work(
        result_key(explanation, "channel effects", layer, target),
        f"The gates of {layer}, one by one",
        lambda progress: gate_effects.channel_effects(
            network.open(),
            explanation,
            layer,
            target,
            reference=mean_gates(network),
            progress=progress,
        ),
    )


def layer_effects(
    explanation: Explanation, network: NetworkChoice, target: int
) -> Work[LayerEffects]:
    """The effect of all gates of each layer on a class."""
    return Work(
        result_key(explanation, "layer effects", target),
        "Layer by layer",
        lambda progress: gate_effects.layer_effects(
            network.open(),
            explanation,
            target,
            reference=mean_gates(network),
            progress=progress,
        ),
    )
