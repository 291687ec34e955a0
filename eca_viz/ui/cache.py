"""Everything that is kept between reruns and shared between sessions."""

import dataclasses
from collections.abc import Callable, Hashable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from eca_viz.analysis.lesson import extremes, first_layer
from eca_viz.attention.variants import Sizes, Variant
from eca_viz.errors import SaliencyError
from eca_viz.export import stored
from eca_viz.images.reading import read_image
from eca_viz.images.samples import find_sample
from eca_viz.networks.bundled.ablation import trained_variants
from eca_viz.networks.registry import DEFAULT_NETWORK, find_network, is_bundled
from eca_viz.progress import Progress, silent
from eca_viz.records import (
    ChannelSteps,
    Explanation,
    FeatureMaps,
    Floats,
    ImageInput,
    LayerResponse,
    LessonStart,
    NetworkCosts,
    ReferenceGates,
)
from eca_viz.ui import engine, state, turns
from eca_viz.ui.kept import is_kept, keep, kept
from eca_viz.ui.state import NetworkChoice

T = TypeVar("T")


@kept(lambda name: name)
def sample(name: str) -> ImageInput:
    """A sample image, decoded."""
    return find_sample(name).read()


@kept(lambda sha256, data, name: (sha256, name))
def upload(sha256: str, data: bytes, name: str) -> ImageInput:
    """An uploaded image, decoded; where nobody waits for it any more, that ends.

    Args:
        sha256: of its bytes.
        data: its bytes.
        name: of the file.

    Raises:
        ImageError: where the bytes are not an image that can be read.
    """
    return read_image(data, name, engine.pulse)


@kept(
    # An upload of a sample's own file is no sample: its snippet and link differ.
    lambda image, network, gates: (image.sha256, image.name, image.sample, network.key, gates),
)
def first_pass(image: ImageInput, network: NetworkChoice, gates: tuple[str, ...]) -> Explanation:
    """The explanation of an image with its Grad-CAM map, where the network can have one.

    That of a sample by the default network is shipped, and by a hub's network kept for later
    starts; else one pass of the network gives both.

    Args:
        image: the image.
        network: the network.
        gates: changes of its gates, in their text form.

    Raises:
        EcaVizError: as pipeline.explain() does.
    """
    of_hub = bool(network.name) and not is_bundled(network.name) and not gates
    known = None
    if network.name == DEFAULT_NETWORK and not gates:
        known = stored.shipped(image, network.sha256)
    elif of_hub:
        known = stored.kept(image, network.sha256)
    if known is not None:
        return known
    engine.ready()
    from eca_viz import pipeline

    opened = network.open()
    try:
        found, features = pipeline.first_look(image, opened, gates=gates, progress=engine.pulse)
    except SaliencyError:
        return pipeline.explain(image, opened, saliency=(), gates=gates, progress=engine.pulse)
    keep(feature_maps, features, found, network)
    if of_hub and image.sample:
        stored.keep(found)
    return found


def explanation(
    image: ImageInput, network: NetworkChoice, gates: tuple[str, ...] = ()
) -> Explanation:
    """Predictions and attention of an image, without maps.

    Args:
        image: the image.
        network: the network.
        gates: changes of its gates, in their text form.

    Raises:
        EcaVizError: as pipeline.explain() does.
    """
    return dataclasses.replace(first_pass(image, network, gates), saliency=())


def variant(image: ImageInput, mechanism: str) -> Explanation:
    """The image through the shipped network of a mechanism, of which the visit takes note.

    Args:
        image: the image.
        mechanism: a name in trained_variants().
    """
    found = _variant(image, mechanism)
    state.variants_seen().add(found.network.sha256)
    return found


@kept(lambda image, mechanism: (image.sha256, image.name, image.sample, mechanism))
def _variant(image: ImageInput, mechanism: str) -> Explanation:
    engine.ready()
    from eca_viz import pipeline

    network = trained_variants()[mechanism]
    return pipeline.explain(image, network, saliency=(), progress=engine.pulse)


def variants(image: ImageInput) -> dict[str, Explanation]:
    """The image through the shipped network of each mechanism, by the mechanism's name."""
    return {mechanism: variant(image, mechanism) for mechanism in trained_variants()}


@kept(lambda variant, channels, sizes: (variant.name, channels, sizes))
def matrix(variant: Variant, channels: int, sizes: Sizes) -> Floats:
    """The matrix of an untrained layer; those of one choice are kept, 180 MB at C = 2048.

    Args:
        variant: the mechanism.
        channels: C.
        sizes: reduction, groups and kernel size.

    Returns:
        The matrix (C, C).
    """
    engine.ready()
    from eca_viz.inspection.mixing_matrix import untrained_matrix

    return untrained_matrix(variant, channels, sizes)


@kept(lambda network: network.key)
def costs(network: NetworkChoice) -> NetworkCosts:
    """Parameters and multiply-adds of a network's attention; counted once."""
    engine.ready()
    from eca_viz.inspection.costs import network_costs

    return network_costs(network.open())


@kept(lambda network: network.key)
def batch_seconds(network: NetworkChoice) -> float:
    """Measured seconds of a forward pass of one of the scorecard's batches."""
    engine.ready()
    from eca_viz.saliency import scorecard

    return scorecard.batch_seconds(network.open())


def scorecard_seconds(explanation: Explanation, network: NetworkChoice) -> float:
    """The time that a scorecard of an explanation's maps will take, from measured passes."""
    batch = batch_seconds(network)
    from eca_viz.saliency import scorecard

    return scorecard.expected_seconds(explanation.saliency, batch)


def mean_gates(network: NetworkChoice) -> ReferenceGates:
    """The mean gates of the network's reference set."""
    engine.ready()
    from eca_viz.gates.reference import reference_gates

    return reference_gates(network.open(), engine.pulse)


def result_key(explanation: Explanation, *what: Hashable) -> tuple[Hashable, ...]:
    """What a result depends on that is computed from an explanation; `what` names the result."""
    image, network = explanation.image.sha256, explanation.network
    return (image, network.sha256, network.labels, explanation.gates, *what)


@kept(result_key)
def response(explanation: Explanation, layer: str) -> LayerResponse:
    """Matrix and Jacobian of a layer at this image; for the networks that are shipped."""
    engine.ready()
    from eca_viz.inspection.mixing_matrix import respond
    from eca_viz.networks.loading import load_network

    return respond(load_network(explanation.network.name), explanation, layer)


@kept(lambda explanation, network: result_key(explanation))
def feature_maps(explanation: Explanation, network: NetworkChoice) -> dict[str, FeatureMaps]:
    """The input of each layer for an image, by the layer's name; mostly from the first pass."""
    engine.ready()
    from eca_viz import inspection

    return inspection.all_feature_maps(network.open(), explanation, engine.pulse)


def lesson_start(explanation: Explanation, network: NetworkChoice) -> LessonStart:
    """What the lesson's first steps show of an image, of which the visit takes note.

    Shipped for the samples.

    Args:
        explanation: of the image, with its gates as trained.
        network: the network.

    Raises:
        EcaVizError: for a damaged file, and where there is no layer to show.
    """
    state.variants_seen().add(find_network(trained_variants()["se"]).sha256)
    return _lesson_start(explanation, network)


@kept(lambda explanation, network: result_key(explanation))
def _lesson_start(explanation: Explanation, network: NetworkChoice) -> LessonStart:
    found = stored.shipped_lesson(explanation.image, network.sha256)
    if found is not None:
        return found
    record, by_se = first_layer(explanation.attention), _variant(explanation.image, "se")
    from eca_viz import inspection
    from eca_viz.networks.loading import load_network

    features, se = feature_maps(explanation, network), load_network(by_se.network.name)
    return inspection.lesson_start(features[record.layer], extremes(record), se, by_se)


def channel_steps(
    explanation: Explanation, network: NetworkChoice, layer: str, channels: Sequence[int]
) -> tuple[ChannelSteps, ...]:
    """How the gates of some channels are computed; quick, so that nothing is kept.

    Args:
        explanation: of the image.
        network: the network.
        layer: name of the attention layer.
        channels: the channels.

    Raises:
        EcaVizError: as inspection.channel_steps() does.
    """
    engine.ready()
    from eca_viz import inspection

    return inspection.channel_steps(network.open(), explanation, layer, channels)


@dataclass(frozen=True)
class Work(Generic[T]):
    """Long work: what its result depends on, its title (a Text), and the computation."""

    key: Hashable
    title: str
    run: Callable[[Progress], T]


_SILENT = nullcontext(silent)


@kept(lambda work, shown=_SILENT: work.key)
def _computed(work: Work[Any], shown: AbstractContextManager[Progress]) -> Any:
    engine.ready()
    with shown as progress:
        return work.run(progress)


def known(work: Work[Any]) -> bool:
    """Whether the result of the work is kept."""
    return is_kept(_computed, work, _SILENT)


def result(work: Work[T], shown: AbstractContextManager[Progress] = _SILENT) -> T:
    """The result of the work, computed where it is not kept, and kept for all sessions.

    `shown` is entered for the computation and gives what is called with its progress. Raises
    what the work raises.
    """
    with nullcontext() if known(work) else turns.long():
        found: T = _computed(work, shown)
    return found
