"""Every figure once, of small records, by its name."""

import dataclasses
from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from eca_viz import figures
from eca_viz.analysis.class_matching import prediction_table
from eca_viz.analysis.comparison import compare
from eca_viz.records import (
    Bottleneck,
    ChannelEffects,
    ChannelSteps,
    ChannelTarget,
    ConditionResult,
    EffectStatistics,
    FeatureMaps,
    FolderAccuracy,
    GateDistribution,
    LayerEffects,
    LayerStatistics,
    NetworkRecord,
    Prediction,
    ReferenceGates,
    Terms,
)
from eca_viz.records.statistics import BINS
from tests.factories import layer, make_layer, make_map, make_scorecard, rows, side

TWO = np.array([0.25, 0.75], dtype=np.float32)


def channel_steps(mechanism: str, middle: Bottleneck | None = None) -> ChannelSteps:
    terms = Terms(np.arange(2), np.arange(2), TWO, TWO, 0.0)
    return ChannelSteps("layer1", 0, mechanism, terms, middle, 0.5, 0.6, "sigmoid")


def of_a_channel() -> Mapping[str, go.Figure]:
    steps = {name: channel_steps(name) for name in ("eca", "ceca", "eca_ns", "se_var3")}
    middle = Bottleneck(np.eye(2, dtype=np.float32), TWO, TWO, TWO, "ReLU")
    seen = np.zeros((4, 4, 3), np.uint8)
    maps = FeatureMaps("layer1", np.ones((2, 2, 2), dtype=np.float32))
    effects = ChannelEffects("layer1", 0, 1.0, TWO, TWO, TWO, TWO, 0.1)
    saliency = dataclasses.replace(
        make_map([[0.0, 1.0]], signed=True), target=ChannelTarget("layer1", 0)
    )
    return {
        **{f"terms of {name}": figures.channel_terms(one) for name, one in steps.items()},
        "terms of SE": figures.channel_terms(channel_steps("se", middle)),
        "bottleneck_terms": figures.bottleneck_terms(middle.terms(0, TWO)),
        "activation_curve": figures.activation_curve(steps["eca"]),
        **{f"window of {name}": figures.channel_window([one], 0) for name, one in steps.items()},
        "feature_maps": figures.feature_maps(
            seen, maps.before, make_layer([0.5, 0.5]), {"picked": 1}
        ),
        "channel_maps": figures.channel_maps(seen, {3: maps.before[0], 1: maps.before[1]}),
        "pooling": figures.pooling(maps.before[0], TWO, 1),
        "squeeze": figures.squeeze(make_layer([0.5, 0.5]), middle),
        "gate_against_effect": figures.gate_against_effect(effects),
        "attribution_against_effect": figures.attribution_against_effect(effects),
        "channel saliency": figures.saliency_overlay(seen, saliency, limit=1.0),
    }


def of_layers() -> Mapping[str, go.Figure]:
    one = make_layer([0.25, 0.75], taps=[0.1, 0.5, 0.1])
    mean_gates = ReferenceGates("eight images", 8, {one.layer: TWO})
    over_channels = (
        figures.gates_over_channels,
        figures.sorted_gates,
        figures.descriptor_against_gate,
    )
    return {
        **{draw.__name__: draw(one, (0.0, 1.0)) for draw in over_channels},
        "network_picture": figures.network_picture([one]),
        "overview": figures.overview([one]),
        "overview of differences": figures.overview([one], mean_gates=mean_gates),
        "kernel_sizes": figures.kernel_sizes([one]),
        "taps": figures.taps([one]),
        "frequency_responses": figures.frequency_responses([one]),
        "adaptive_kernel": figures.adaptive_kernel([one], gamma=2, b=1),
        "layer_effects": figures.layer_effects(LayerEffects(("a", "b"), 0, 1.0, TWO, TWO)),
        "matrix": figures.matrix(np.eye(2, dtype=np.float32), "SE"),
        "jacobian": figures.jacobian(np.eye(2, dtype=np.float32), "SE", limit=1.0),
        "bottleneck": figures.bottleneck(TWO, 32),
        "mechanism_gates": figures.mechanism_gates(["a", "b"], [one, one]),
        "mechanism_similarity": figures.mechanism_similarity(["a", "b"], [one, one]),
    }


def of_results() -> Mapping[str, go.Figure]:
    found = compare(
        side([layer("x", [0.9, 0.25]), layer("y", [0.2])]),
        side([layer("x", [0.4, 0.75]), layer("y", [0.1, 0.3])]),
    )
    table = prediction_table(found)
    card = make_scorecard(1)
    by_table = (figures.comparison_predictions, figures.difference_predictions)
    return {
        **{
            f"{draw.__name__} {changed}": draw(table, changed_gates=changed)
            for draw in by_table
            for changed in (False, True)
        },
        **{
            f"comparison_overview {changed}": figures.comparison_overview(
                found, changed_gates=changed
            )
            for changed in (False, True)
        },
        **{
            f"comparison_layer {pair.title}": figures.comparison_layer(pair) for pair in found.pairs
        },
        **{
            f"difference_layer {pair.title}": figures.difference_layer(pair, 1.0)
            for pair in found.pairs
        },
        "predictions": figures.predictions([Prediction(0, "cat", 0.5)]),
        "class_probabilities": figures.class_probabilities(["a"], [found.a]),
        "insertion": figures.score_curves(card, "insertion"),
        "deletion": figures.score_curves(card, "deletion"),
        "accuracies": figures.accuracies(rows(eca=[0.8]), {"eca": "ECA"}),
        "mechanism_accuracy": figures.mechanism_accuracy(["ECA", "SE"], [77.4, None], [None, None]),
        "kernel_sweep": figures.kernel_sweep(rows(eca_k3=[0.8]), {"eca_k3": 3}),
    }


def of_many_images() -> Mapping[str, go.Figure]:
    record = NetworkRecord("n", "N", "0" * 64, ("a", "b"), "", "", {})
    values = np.array([0.25, 0.75])
    some = GateDistribution(
        count=2,
        mean=values,
        sd=values / 4,
        low=TWO,
        high=TWO,
        histogram=np.full((2, BINS), 2),
        descriptor_mean=values,
        descriptor_sd=values,
        descriptor_low=TWO,
        descriptor_high=TWO,
    )
    nobody = ((), ())
    effects = EffectStatistics(values, values, values, nobody, nobody)
    one = LayerStatistics(
        "x", "x", "eca", 2, 3, some, {"a": some, "b": some}, nobody, nobody, 1.0, effects
    )
    conditions = [
        ConditionResult(kind, "all", share, 10, 5, 0.2, 0.8, -1.0, 1, 2, 0.5)
        for kind, share in (("unchanged", 0.0), ("ones", 0.0), ("weakest effect", 0.5))
    ]
    accuracy = FolderAccuracy(record, "images", ("x",), tuple(conditions), 0, {})
    ones = dataclasses.replace(accuracy, conditions=tuple(conditions[:2]))
    pruned = dataclasses.replace(accuracy, conditions=(conditions[0], conditions[2]))
    return {
        "class_gates": figures.class_gates(one, ["a"]),
        "class_heat_map": figures.class_heat_map(one),
        "variance_between_classes": figures.variance_between_classes([one]),
        "saturation_of_layers": figures.saturation_of_layers([one]),
        "attention_need": figures.attention_need(ones),
        "pruning": figures.pruning(pruned),
        "gate_histogram": figures.gate_histogram(one, 0, 0.5),
        "class_means": figures.class_means(one, 0),
        "effect_against_gate": figures.effect_against_gate(one, 0),
    }
