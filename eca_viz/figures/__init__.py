"""Figures: from records to Plotly, one look for all."""

from eca_viz.figures.ablation import accuracies, kernel_sweep
from eca_viz.figures.adaptive_kernel import adaptive_kernel
from eca_viz.figures.channel_terms import SQUEEZE, arithmetic, squash, steps
from eca_viz.figures.channel_window import window
from eca_viz.figures.comparison_layer import contrast_layer, difference_layer
from eca_viz.figures.comparison_overview import contrast_overview
from eca_viz.figures.comparison_predictions import contrast_predictions, difference_predictions
from eca_viz.figures.feature_maps import feature_maps
from eca_viz.figures.gate_effects import (
    attribution_against_effect,
    gate_against_effect,
    layer_effects,
)
from eca_viz.figures.kernels import frequency_responses, kernel_sizes, taps
from eca_viz.figures.layer_weights import (
    descriptor_against_weight,
    sorted_weights,
    weight_distribution,
    weights_over_index,
)
from eca_viz.figures.matrix import bottleneck, matrix
from eca_viz.figures.mechanism_gates import gates, similarity
from eca_viz.figures.overview import overview
from eca_viz.figures.predictions import predictions, votes
from eca_viz.figures.saliency_overlay import SIDE as OVERLAY_SIDE
from eca_viz.figures.saliency_overlay import saliency_overlay
from eca_viz.figures.score_curves import score_curves

__all__ = [
    "OVERLAY_SIDE",
    "SQUEEZE",
    "accuracies",
    "adaptive_kernel",
    "arithmetic",
    "attribution_against_effect",
    "bottleneck",
    "contrast_layer",
    "contrast_overview",
    "contrast_predictions",
    "descriptor_against_weight",
    "difference_layer",
    "difference_predictions",
    "feature_maps",
    "frequency_responses",
    "gate_against_effect",
    "gates",
    "kernel_sizes",
    "kernel_sweep",
    "layer_effects",
    "matrix",
    "overview",
    "predictions",
    "saliency_overlay",
    "score_curves",
    "similarity",
    "sorted_weights",
    "squash",
    "steps",
    "taps",
    "votes",
    "weight_distribution",
    "weights_over_index",
    "window",
]
