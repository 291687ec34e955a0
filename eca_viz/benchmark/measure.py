"""Speed and memory as ratios to a baseline that is measured in the same run."""

from collections.abc import Iterator

from eca_viz.benchmark.memory import (
    memory_of_explanations,
    memory_of_networks,
    memory_of_scorecard,
)
from eca_viz.benchmark.ratio import Ratio
from eca_viz.benchmark.times import (
    FEWEST,
    time_attention,
    time_clone,
    time_effects,
    time_explain,
    time_layers,
    time_parts,
    time_reading,
    time_saliency,
)
from eca_viz.networks.architectures.eca_resnet import eca_resnet18, eca_resnet50
from eca_viz.networks.state import prepare
from eca_viz.saliency.registry import METHODS

# The last layer profits from starting there; before the first hardly anything can be saved.
EFFECTS_LIMITS = {"layer4.1.eca": 1.0, "layer1.0.eca": 1.15}
LAYER_CHANNELS = (64, 128, 256, 512, 1024, 2048)


# Runs of each method in the short benchmark; even the fewest samples take up to a second.
SHORT_RUNS = 5


def measure(full: bool = False) -> Iterator[Ratio]:
    """All measurements, one after the other; the short ones alone unless `full`.

    The short benchmark has every time that has a limit but the effects of gates, with the
    fewest samples with which a method does what it does, and the memory of weights.
    """
    for title, build in (("ECA-ResNet-18", eca_resnet18), ("ECA-ResNet-50", eca_resnet50)):
        module = prepare(build())
        yield time_attention(title, module)
        yield from time_parts(title, module)
    yield time_explain()
    yield time_reading()
    for method in METHODS:
        yield time_saliency(method) if full else time_saliency(method, FEWEST, SHORT_RUNS)
    yield memory_of_explanations()
    if full:
        yield from _rest()


def _rest() -> Iterator[Ratio]:
    yield time_clone()
    for layer, limit in EFFECTS_LIMITS.items():
        yield time_effects(layer, limit)
    yield memory_of_networks()
    yield memory_of_scorecard()
    for channels in LAYER_CHANNELS:
        yield from time_layers(channels)
