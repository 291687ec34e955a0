"""Methods asked about one channel of an attention layer instead of a class."""

import dataclasses

from eca_viz.locale.texts import text
from eca_viz.saliency.method import Method
from eca_viz.saliency.methods.gradient import (
    GUIDED_BACKPROP,
    INPUT_X_GRADIENT,
    INTEGRATED_GRADIENTS,
    SALIENCY,
)
from eca_viz.saliency.methods.perturbation import OCCLUSION

CHANNEL_METHODS: tuple[Method, ...] = (
    dataclasses.replace(
        SALIENCY,
        reading=text(
            "How much the channel's average behind the gate would change with a small change "
            "of this pixel."
        ),
    ),
    dataclasses.replace(
        INPUT_X_GRADIENT,
        reading=text(
            "The gradient of the channel's average behind the gate times the pixel's own "
            "distance from the mean colour."
        ),
    ),
    dataclasses.replace(
        INTEGRATED_GRADIENTS,
        reading=text(
            "The gradient gathered on the way from the mean colour to the image; all "
            "pixels together add up to the change of the channel's average behind the gate."
        ),
    ),
    dataclasses.replace(
        GUIDED_BACKPROP,
        reading=text(
            "The gradient with every negative signal cut off at each ReLU: sharp edges, not "
            "all of which the channel needs."
        ),
    ),
    dataclasses.replace(
        OCCLUSION,
        reading=text(
            "The drop of the channel's average behind the gate when a square around this pixel "
            "is set to the mean colour."
        ),
    ),
)
