"""Figures: from records to Plotly, the block to SVG, one look for all."""

from eca_viz.figures.ablation import accuracies, kernel_sweep
from eca_viz.figures.activation_curve import activation_curve
from eca_viz.figures.adaptive_kernel import adaptive_kernel
from eca_viz.figures.block_picture import BlockPicture, block_picture
from eca_viz.figures.channel_maps import channel_maps
from eca_viz.figures.channel_statistics import class_means, effect_against_gate, gate_histogram
from eca_viz.figures.channel_terms import bottleneck_terms, channel_terms
from eca_viz.figures.channel_window import channel_window
from eca_viz.figures.class_gates import class_gates
from eca_viz.figures.class_heat_map import class_heat_map
from eca_viz.figures.comparison_layer import comparison_layer, difference_layer
from eca_viz.figures.comparison_overview import comparison_overview
from eca_viz.figures.comparison_predictions import comparison_predictions, difference_predictions
from eca_viz.figures.feature_maps import feature_maps
from eca_viz.figures.gate_effects import (
    attribution_against_effect,
    gate_against_effect,
    layer_effects,
)
from eca_viz.figures.kernels import frequency_responses, kernel_sizes, taps
from eca_viz.figures.layer_gates import (
    descriptor_against_gate,
    gates_over_channels,
    sorted_gates,
)
from eca_viz.figures.layer_statistics import saturation_of_layers, variance_between_classes
from eca_viz.figures.matrix import bottleneck, jacobian, matrix
from eca_viz.figures.mechanism_accuracy import mechanism_accuracy
from eca_viz.figures.mechanism_gates import mechanism_gates, mechanism_similarity
from eca_viz.figures.need import attention_need, pruning
from eca_viz.figures.network_picture import network_picture
from eca_viz.figures.overview import framed, overview
from eca_viz.figures.pooling import pooling
from eca_viz.figures.predictions import class_probabilities, predictions
from eca_viz.figures.saliency_overlay import DIFFERENCE as OVERLAY_DIFFERENCE
from eca_viz.figures.saliency_overlay import MAPS as OVERLAY_MAPS
from eca_viz.figures.saliency_overlay import SIDE as OVERLAY_SIDE
from eca_viz.figures.saliency_overlay import saliency_overlay
from eca_viz.figures.score_curves import score_curves
from eca_viz.figures.squeeze import squeeze

__all__ = [
    "OVERLAY_DIFFERENCE",
    "OVERLAY_MAPS",
    "OVERLAY_SIDE",
    "BlockPicture",
    "accuracies",
    "activation_curve",
    "adaptive_kernel",
    "attention_need",
    "attribution_against_effect",
    "block_picture",
    "bottleneck",
    "bottleneck_terms",
    "channel_maps",
    "channel_terms",
    "channel_window",
    "class_gates",
    "class_heat_map",
    "class_means",
    "class_probabilities",
    "comparison_layer",
    "comparison_overview",
    "comparison_predictions",
    "descriptor_against_gate",
    "difference_layer",
    "difference_predictions",
    "effect_against_gate",
    "feature_maps",
    "framed",
    "frequency_responses",
    "gate_against_effect",
    "gate_histogram",
    "gates_over_channels",
    "jacobian",
    "kernel_sizes",
    "kernel_sweep",
    "layer_effects",
    "matrix",
    "mechanism_accuracy",
    "mechanism_gates",
    "mechanism_similarity",
    "network_picture",
    "overview",
    "pooling",
    "predictions",
    "pruning",
    "saliency_overlay",
    "saturation_of_layers",
    "score_curves",
    "sorted_gates",
    "squeeze",
    "taps",
    "variance_between_classes",
]
