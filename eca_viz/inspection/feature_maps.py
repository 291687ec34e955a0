"""The feature maps that attention layers weigh."""

from contextlib import ExitStack
from typing import Any

import torch
from torch import Tensor, nn

from eca_viz.gates.reference import as_explained
from eca_viz.networks.clone import clone
from eca_viz.networks.spec import Network
from eca_viz.records import Explanation, FeatureMaps, as_floats


def all_feature_maps(network: Network, explanation: Explanation) -> dict[str, FeatureMaps]:
    """What goes into each layer, by its name, for the photograph of an explanation.

    `explanation` is one that `network` made; the network runs once.
    """
    private = clone(network.module)
    seen: dict[str, Tensor] = {}

    def keep(layer: str) -> Any:
        def before(module: nn.Module, inputs: Any) -> None:
            seen[layer] = inputs[0].detach().clone()

        return before

    with torch.inference_mode(), as_explained(network, explanation, private), ExitStack() as hooks:
        for record in explanation.attention:
            module = private.get_submodule(record.layer)
            hooks.callback(module.register_forward_pre_hook(keep(record.layer)).remove)
        private(network.spec.preprocess.normalise(explanation.seen))
    return {
        layer: FeatureMaps(layer, as_floats(maps[0].float().cpu().numpy()))
        for layer, maps in seen.items()
    }


def feature_maps(network: Network, explanation: Explanation, layer: str) -> FeatureMaps:
    """What goes into one layer; raises KeyError with the valid names for an unknown one."""
    explanation.layer(layer)
    return all_feature_maps(network, explanation)[layer]
