"""The mechanisms side by side: the matrix of each, and how its gates answer to a change."""

import copy
import threading

import numpy as np
import torch
from torch import nn

from eca_viz.attention.discovery import find_attention
from eca_viz.attention.jacobian import jacobians
from eca_viz.attention.mechanisms.se import SELayer
from eca_viz.attention.variants import Sizes, Variant
from eca_viz.networks.spec import Network
from eca_viz.records import Explanation, Floats, LayerResponse, as_floats

# The generator that layers draw from is one for all threads.
_seeding = threading.Lock()


def untrained_matrix(variant: Variant, channels: int, sizes: Sizes) -> Floats:
    """W (C, C) of a fresh layer, always the same one; zeros are those of the structure.

    For SE it is W2 W1, the matrix with every ReLU open; without attention it is all zeros.
    """
    with _seeding, torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(0)
        layer = nn.Sequential(variant.build(channels, sizes))
        if isinstance(layer[0], SELayer):
            return as_floats((layer[0].fc2.weight @ layer[0].fc1.weight).numpy())
        found = find_attention(layer)
    if not found:
        return np.zeros((channels, channels), dtype=np.float32)
    matrix, _ = jacobians(found[0].module, found[0].mechanism, torch.zeros(channels))
    return as_floats(matrix.numpy())


def respond(network: Network, explanation: Explanation, layer: str) -> LayerResponse:
    """The answer of `layer`'s gates at the descriptor that a photograph gave it.

    `explanation` is one that `network` made; raises KeyError with the valid names for an
    unknown layer.
    """
    record = explanation.layer(layer)
    # In double precision a gate near 1 still has a slope, and the rank shows no rounding.
    module = copy.deepcopy(network.module.get_submodule(layer)).double()
    (found,) = find_attention(module)
    descriptor = torch.tensor(record.descriptor[0]).double()
    matrix, jacobian = jacobians(module, found.mechanism, descriptor)
    squeezed = None
    if isinstance(module, SELayer):
        with torch.no_grad():
            squeezed = as_floats(module.relu(module.fc1(descriptor)).numpy())
    return LayerResponse(
        layer=layer,
        mechanism=record.mechanism,
        matrix=as_floats(matrix.numpy()),
        jacobian=as_floats(jacobian.numpy()),
        rank=int(torch.linalg.matrix_rank(matrix)),
        squeezed=squeezed,
    )
