"""Everything that is kept between reruns and shared between sessions."""

import atexit
import gc
import threading
from collections.abc import Hashable, Sequence
from typing import Any

import streamlit as st
from cachetools import LRUCache

from eca_viz import figures, pipeline
from eca_viz import inspection as channel
from eca_viz.attention.variants import VARIANTS, Sizes, Variant, find_variant
from eca_viz.gates.reference import reference_gates
from eca_viz.images.reading import read_image
from eca_viz.images.samples import find_sample
from eca_viz.inspection import gate_effects as importance
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
from eca_viz.settings import Settings
from eca_viz.ui.state import NetworkChoice

# An image may take 150 MB; a saliency map of 176 × 176 takes 124 kB.
IMAGES = 8
RESULTS = 256
# The feature maps of all layers of an ECA-ResNet-50 at 224 px take 22 MB.
MAPPED = 4
RESPONSES = 64


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
    """A sample photograph, decoded."""
    return find_sample(name).read()


@st.cache_resource(max_entries=IMAGES, show_spinner=False)
def upload(sha256: str, _data: bytes, name: str) -> ImageInput:
    """An uploaded photograph, decoded; `sha256` is that of its bytes."""
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
    """Predictions and attention of a photograph; runs the network only once for it."""
    return _explanation(image.sha256, image.name, network.key, gates, image, network)


@st.cache_resource(max_entries=IMAGES, show_spinner="Running every mechanism …")
def _variants(sha256: str, name: str, _image: ImageInput) -> dict[str, Explanation]:
    return {
        variant: pipeline.explain(_image, network, saliency=())
        for variant, network in trained_variants().items()
    }


def variants(image: ImageInput) -> dict[str, Explanation]:
    """The photograph through the shipped network of each mechanism, by the mechanism's name."""
    return _variants(image.sha256, image.name, image)


@st.cache_resource(max_entries=len(VARIANTS), show_spinner=False)
def _matrix(name: str, channels: int, _sizes: Sizes, key: str) -> Floats:
    return untrained_matrix(find_variant(name), channels, _sizes)


def matrix(variant: Variant, channels: int, sizes: Sizes) -> Floats:
    """The matrix of an untrained layer; those of one choice are kept, 180 MB at C = 2048."""
    return _matrix(variant.name, channels, sizes, repr(sizes))


@st.cache_resource(max_entries=RESPONSES, show_spinner=False)
def _response(sha256: str, network: str, layer: str, _explanation: Explanation) -> LayerResponse:
    return respond(load_network(network), _explanation, layer)


def response(explanation: Explanation, layer: str) -> LayerResponse:
    """How a layer's gates answer at this photograph; for the networks that are shipped."""
    return _response(explanation.image.sha256, explanation.network.name, layer, explanation)


@st.cache_resource(max_entries=IMAGES, show_spinner=False)
def _costs(key: str, _network: NetworkChoice) -> NetworkCosts:
    return network_costs(_network.open())


def costs(network: NetworkChoice) -> NetworkCosts:
    """What a network's attention costs; counted once."""
    return _costs(network.key, network)


@st.cache_resource(max_entries=MAPPED, show_spinner=False)
def _feature_maps(
    sha256: str, key: str, _explanation: Explanation, _network: NetworkChoice
) -> dict[str, FeatureMaps]:
    return channel.all_feature_maps(_network.open(), _explanation)


def feature_maps(explanation: Explanation, network: NetworkChoice, layer: str) -> FeatureMaps:
    """What goes into a layer for a photograph; the network runs only once for it."""
    return _feature_maps(explanation.image.sha256, network.key, explanation, network)[layer]


def effects_key(explanation: Explanation, *what: Hashable) -> tuple[Hashable, ...]:
    """What a measurement of the gates' effects depends on."""
    image, network = explanation.image.sha256, explanation.network
    return ("effects", image, network.sha256, explanation.gates, *what)


def channel_effects(
    explanation: Explanation,
    network: NetworkChoice,
    layer: str,
    target: int,
    progress: Progress,
) -> ChannelEffects:
    """What each gate of a layer does to a class; not kept here."""
    opened = network.open()
    return importance.channel_effects(
        opened,
        explanation,
        layer,
        target,
        reference=reference_gates(opened),
        progress=progress,
    )


def layer_effects(
    explanation: Explanation, network: NetworkChoice, target: int, progress: Progress
) -> LayerEffects:
    """What the gates of each layer together do to a class; not kept here."""
    opened = network.open()
    return importance.layer_effects(
        opened, explanation, target, reference=reference_gates(opened), progress=progress
    )


def usual_gates(network: NetworkChoice) -> ReferenceGates:
    """Each channel's mean gate over the network's reference set."""
    return reference_gates(network.open())


class _Results:
    """Results of long work by key; st.cache_resource cannot report progress while it fills."""

    def __init__(self) -> None:
        self._results: LRUCache[Hashable, Any] = LRUCache(RESULTS)
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Any:
        with self._lock:
            return self._results.get(key)

    def put(self, key: Hashable, value: Any) -> None:
        with self._lock:
            self._results[key] = value


@st.cache_resource(show_spinner=False)
def _results() -> _Results:
    return _Results()


def known(key: Hashable) -> Any:
    """What was computed before for this key, if it is still kept, else None."""
    return _results().get(key)


def remember(key: Hashable, value: Any) -> None:
    """Keeps a result for all sessions."""
    _results().put(key, value)


def saliency_key(
    explanation: Explanation, method: str, target: int, parameters: Settings
) -> tuple[Any, ...]:
    """What a saliency map depends on."""
    image, network = explanation.image.sha256, explanation.network
    return (
        image,
        network.sha256,
        network.labels,
        explanation.gates,
        method,
        target,
        tuple(sorted(parameters.items())),
    )


def saliency(
    explanation: Explanation,
    network: NetworkChoice,
    method: str,
    target: int,
    parameters: Settings,
    progress: Progress = silent,
) -> SaliencyMap:
    """One saliency map, computed only where it is not known; `progress` as in explain()."""
    key = saliency_key(explanation, method, target, parameters)
    found: SaliencyMap | None = known(key)
    if found is None:
        found = pipeline.saliency_map(
            explanation,
            method,
            target,
            parameters=parameters,
            network=network.open(),
            progress=progress,
        )
        remember(key, found)
    return found


def scorecard_key(explanation: Explanation) -> tuple[Any, ...]:
    """What the scorecard of an explanation's maps depends on."""
    return tuple(
        saliency_key(explanation, record.method, record.target.index, record.parameters)
        for record in explanation.saliency
    )


def scorecard(explanation: Explanation, network: NetworkChoice, progress: Progress) -> Scorecard:
    """The scorecard of an explanation's maps, computed; `progress` as in explain()."""
    found = pipeline.scorecard(explanation, network=network.open(), progress=progress)
    remember(scorecard_key(explanation), found)
    return found


def channel_key(explanation: Explanation, *what: Hashable) -> tuple[Hashable, ...]:
    """What a saliency map of a channel depends on."""
    return ("channel", explanation.image.sha256, explanation.network.sha256, *what)


def channel_saliency(
    explanation: Explanation,
    network: NetworkChoice,
    layer: str,
    index: int,
    method: str,
    progress: Progress,
) -> SaliencyMap:
    """The saliency map of a channel; not kept here."""
    return channel.channel_saliency(
        network.open(), explanation, layer, index, method, progress=progress
    )
