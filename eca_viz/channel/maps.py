"""The feature maps that an attention layer weighs."""

import contextlib
from typing import Any

import torch
from torch import Tensor, nn

from eca_viz.networks.base import Network
from eca_viz.networks.clone import clone
from eca_viz.records import Explanation, FeatureMaps, as_floats
from eca_viz.reference import as_explained


class _SeenError(Exception):
    """Ends the forward pass: what comes behind the layer is not needed."""


def feature_maps(network: Network, explanation: Explanation, layer: str) -> FeatureMaps:
    """What goes into a layer for the photograph of an explanation that `network` made.

    The network runs as far as the layer. Raises KeyError with the valid names for an
    unknown layer.
    """
    explanation.layer(layer)
    private = clone(network.module)
    seen: list[Tensor] = []

    def before(module: nn.Module, inputs: Any) -> None:
        seen.append(inputs[0].detach().clone())
        raise _SeenError

    private.get_submodule(layer).register_forward_pre_hook(before)
    changed = as_explained(network, explanation, private)
    with torch.inference_mode(), changed, contextlib.suppress(_SeenError):
        private(network.spec.preprocess.normalise(explanation.seen))
    return FeatureMaps(layer, as_floats(seen[0][0].float().cpu().numpy()))
