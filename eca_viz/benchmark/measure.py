"""Speed and memory as ratios to a baseline that is measured in the same run."""

from collections.abc import Iterator

from eca_viz.benchmark.memory import (
    memory_of_explanations,
    memory_of_networks,
    memory_of_scorecard,
)
from eca_viz.benchmark.ratio import Ratio
from eca_viz.benchmark.times import (
    time_attention,
    time_clone,
    time_effects,
    time_layers,
    time_saliency,
)
from eca_viz.networks.architectures.eca_resnet import eca_resnet18, eca_resnet50
from eca_viz.networks.state import prepare
from eca_viz.saliency.registry import METHODS

# The last layer profits from starting there; before the first hardly anything can be saved.
EFFECTS_LIMITS = {"layer4.1.eca": 1.0, "layer1.0.eca": 1.15}
LAYER_CHANNELS = (64, 128, 256, 512, 1024, 2048)


def measure() -> Iterator[Ratio]:
    """All measurements, one after the other."""
    for title, build in (("ECA-ResNet-18", eca_resnet18), ("ECA-ResNet-50", eca_resnet50)):
        yield time_attention(title, prepare(build()))
    yield time_clone()
    for method in METHODS:
        yield time_saliency(method)
    for layer, limit in EFFECTS_LIMITS.items():
        yield time_effects(layer, limit)
    yield memory_of_explanations()
    yield memory_of_networks()
    yield memory_of_scorecard()
    for channels in LAYER_CHANNELS:
        yield from time_layers(channels)
