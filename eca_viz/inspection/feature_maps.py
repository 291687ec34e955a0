"""The feature maps that attention layers scale."""

import torch

from eca_viz.gates.feature_maps import kept_feature_maps
from eca_viz.gates.forward import changed
from eca_viz.gates.reference import resolve
from eca_viz.networks.spec import Network
from eca_viz.records import Explanation, FeatureMaps


def all_feature_maps(network: Network, explanation: Explanation) -> dict[str, FeatureMaps]:
    """The input of each attention layer, by the layer's name, for the image of an explanation.

    `explanation` is one that `network` made, its changed gates stay changed; the network runs
    once.
    """
    intervention = resolve(network, explanation.gates)
    private = network.private()
    with torch.inference_mode(), changed(private, intervention), kept_feature_maps(private) as maps:
        private.module(network.inputs_of(explanation))
    return maps


def feature_maps(network: Network, explanation: Explanation, layer: str) -> FeatureMaps:
    """The input of one attention layer for the image of an explanation.

    Args:
        network: The network that made the explanation.
        explanation: What says which image, and how the gates were changed.
        layer: Name of the layer.

    Returns:
        The feature maps (C, H, W) before the gate.

    Raises:
        SelectionError: For an unknown layer, with the valid names.

    >>> eca_viz.feature_maps(network, explanation, "layer4.1.eca").before.shape
    (512, 6, 6)
    """
    explanation.layer(layer)
    return all_feature_maps(network, explanation)[layer]
