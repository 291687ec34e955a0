"""The memory of weights counts each tensor once."""

from eca_viz.benchmark.memory import SCORED, weights_held
from eca_viz.benchmark.times import FEWER, FEWEST, SALIENCY_LIMITS
from eca_viz.networks.loading import load_network
from eca_viz.saliency.registry import find_method


def test_explanations_at_once_hold_the_weights_once() -> None:
    module = load_network("eca_resnet18_imagenette").module
    weights = sum(t.nbytes for t in (*module.parameters(), *module.buffers()))
    assert weights_held(1) >= weights
    assert weights_held(4) <= 1.1 * weights_held(1)


def test_settings_of_the_benchmark_are_those_of_methods() -> None:
    assert {find_method(name).name for name in SALIENCY_LIMITS} == SALIENCY_LIMITS.keys()
    for settings in (FEWER, FEWEST, SCORED):
        for name, given in settings.items():
            assert given.items() <= find_method(name).complete(given).items()
