"""Figures of effects hold the numbers of their records."""

import numpy as np

from eca_viz import figures
from eca_viz.records import ChannelEffects, LayerEffects

GATES = ChannelEffects(
    layer="layer1",
    target=0,
    logit=1.0,
    weights=np.array([0.1, 0.9], dtype=np.float32),
    reference=np.array([0.2, 0.8], dtype=np.float32),
    change=np.array([0.5, -0.25], dtype=np.float32),
    attribution=np.array([3.0, 4.0], dtype=np.float32),
    seconds=0.1,
)


def test_gates_and_attributions_stand_against_the_same_effects() -> None:
    for draw, values in (
        (figures.gate_against_effect, GATES.weights),
        (figures.attribution_against_effect, GATES.attribution),
    ):
        (trace,) = draw(GATES).data
        np.testing.assert_array_equal(trace.x, values)
        np.testing.assert_array_equal(trace.y, GATES.change)
        np.testing.assert_allclose(trace.customdata, [[0, 0.1, 0.2], [1, 0.9, 0.8]])


def test_a_bar_for_each_layer_centred_at_zero() -> None:
    effects = LayerEffects(
        layers=("layer1", "layer2"),
        target=0,
        logit=1.0,
        change=np.array([0.5, -2.0], dtype=np.float32),
        distance=np.array([0.1, 0.2], dtype=np.float32),
    )
    figure = figures.layer_effects(effects)
    (trace,) = figure.data
    np.testing.assert_array_equal(trace.x, effects.change)
    assert (trace.marker.cmin, trace.marker.cmax) == (-2, 2)
    assert list(figure.layout.yaxis.ticktext) == ["layer1", "layer2"]
