"""The feature maps that attention layers scale."""

import torch

from eca_viz.gates.feature_maps import kept_feature_maps
from eca_viz.gates.forward import changed
from eca_viz.gates.reference import resolve
from eca_viz.locale.texts import text
from eca_viz.networks.device import with_fallback
from eca_viz.networks.passes import report
from eca_viz.networks.spec import Network
from eca_viz.progress import Progress, silent
from eca_viz.records import Explanation, FeatureMaps


def all_feature_maps(
    network: Network, explanation: Explanation, progress: Progress = silent
) -> dict[str, FeatureMaps]:
    """The input of each attention layer, by the layer's name, for the image of an explanation.

    Args:
        network: The network that made the explanation; it runs once.
        explanation: What says which image; its changed gates stay changed.
        progress: As in `explain`.

    Returns:
        The feature maps before the gates.
    """
    intervention = resolve(network, explanation.gates, progress)
    inputs = network.inputs_of(explanation)

    def compute(network: Network) -> dict[str, FeatureMaps]:
        private = network.private_on_device()
        report(private.module, progress, text("Feature maps"), 1)
        with (
            torch.inference_mode(),
            changed(private, intervention),
            kept_feature_maps(private) as maps,
        ):
            private.module(inputs)
        return maps

    return with_fallback(network, compute)


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
