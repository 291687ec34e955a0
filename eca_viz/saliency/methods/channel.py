"""Methods asked about one channel of an attention layer instead of a class."""

import dataclasses
from typing import Any

from torch import Tensor, nn

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
        reading="How much the channel's average behind the gate would change with a small change "
        "of this pixel.",
    ),
    dataclasses.replace(
        INPUT_X_GRADIENT,
        reading="The gradient of the channel's average behind the gate times the pixel's own "
        "distance from the mean colour.",
    ),
    dataclasses.replace(
        INTEGRATED_GRADIENTS,
        reading="The gradient gathered on the way from the mean colour to the image; all "
        "pixels together add up to the change of the channel's average behind the gate.",
    ),
    dataclasses.replace(
        GUIDED_BACKPROP,
        reading="The gradient with every negative signal cut off at each ReLU: sharp edges, not "
        "all of which the channel needs.",
    ),
    dataclasses.replace(
        OCCLUSION,
        reading="The drop of the channel's average behind the gate when a square around this pixel "
        "is set to the mean colour.",
    ),
)


class ChannelScores(nn.Module):
    """A network whose outputs (N, C) are the averages of a layer's feature maps behind the gate.

    It puts a hook on the network: give it a clone.
    """

    def __init__(self, network: nn.Module, layer: str) -> None:
        super().__init__()
        self.network = network
        self._scores: Tensor | None = None
        network.get_submodule(layer).register_forward_hook(self._note)

    def _note(self, module: nn.Module, inputs: Any, output: Tensor) -> None:
        # A mean is a new tensor: some blocks go on to overwrite the output in place.
        self._scores = output.mean((2, 3))

    def forward(self, x: Tensor) -> Tensor:
        self.network(x)
        scores, self._scores = self._scores, None
        if scores is None:
            raise RuntimeError("the layer did not run in the network's forward pass")
        return scores
