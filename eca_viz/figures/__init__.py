"""Figures: from records to Plotly, one look for all."""

from eca_viz.figures.kernels import frequency_responses, kernel_sizes, taps
from eca_viz.figures.layer_weights import (
    descriptor_against_weight,
    sorted_weights,
    weight_distribution,
    weights_over_index,
)
from eca_viz.figures.overview import overview
from eca_viz.figures.predictions import predictions
from eca_viz.figures.saliency_overlay import SIDE as OVERLAY_SIDE
from eca_viz.figures.saliency_overlay import saliency_overlay

__all__ = [
    "OVERLAY_SIDE",
    "descriptor_against_weight",
    "frequency_responses",
    "kernel_sizes",
    "overview",
    "predictions",
    "saliency_overlay",
    "sorted_weights",
    "taps",
    "weight_distribution",
    "weights_over_index",
]
