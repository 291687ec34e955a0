"""The feature maps that attention layers scale."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import torch
from torch import Tensor, nn

from eca_viz.gates.forward import changed
from eca_viz.gates.reference import resolve
from eca_viz.networks.spec import Network
from eca_viz.records import Explanation, FeatureMaps, as_floats


def all_feature_maps(network: Network, explanation: Explanation) -> dict[str, FeatureMaps]:
    """The input of each attention layer, by the layer's name, for the image of an explanation.

    `explanation` is one that `network` made, its changed gates stay changed; the network runs
    once.
    """
    intervention = resolve(network, explanation.gates)
    private = network.private()
    seen: dict[str, Tensor] = {}

    def keep(layer: str) -> Callable[[nn.Module, Any], None]:
        def before(module: nn.Module, inputs: Any) -> None:
            seen[layer] = inputs[0].detach().clone()

        return before

    with torch.inference_mode(), changed(private, intervention), ExitStack() as hooks:
        for record in explanation.attention:
            module = private.module.get_submodule(record.layer)
            hooks.callback(module.register_forward_pre_hook(keep(record.layer)).remove)
        private.module(network.spec.preprocess.normalise(explanation.seen))
    return {
        layer: FeatureMaps(layer, as_floats(maps[0].float().cpu().numpy()))
        for layer, maps in seen.items()
    }


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
    """
    explanation.layer(layer)
    return all_feature_maps(network, explanation)[layer]
