"""The C × C matrix of an attention layer, learned or untrained, and its Jacobians."""

import copy

import numpy as np
import torch

from eca_viz.attention.jacobian import jacobians
from eca_viz.attention.mechanisms.se import SELayer
from eca_viz.attention.registry import find_mechanism, recognise
from eca_viz.attention.variants import Sizes, Variant
from eca_viz.inspection.channel_steps import unknown_inside
from eca_viz.networks.spec import Network
from eca_viz.records import Explanation, Floats, LayerResponse, as_floats
from eca_viz.saliency.methods.seeded import Seeded


def untrained_matrix(variant: Variant, channels: int, sizes: Sizes) -> Floats:
    """The matrix W of an untrained layer, always the same one.

    Args:
        variant: Which layer.
        channels: Its number of channels C.
        sizes: What it has beside C.

    Returns:
        W (C, C), whose zeros are those of the structure. For SE it is W2 W1, the matrix with
        every ReLU open; without attention it is all zeros.
    """
    with Seeded(0), torch.no_grad():
        layer = variant.build(channels, sizes)
    if isinstance(layer, SELayer):
        return as_floats((layer.fc2.weight @ layer.fc1.weight).detach().numpy())
    mechanism = recognise(layer)
    if mechanism is None:
        return np.zeros((channels, channels), dtype=np.float32)
    matrix, _ = jacobians(layer, mechanism, torch.zeros(channels))
    return as_floats(matrix.numpy())


def respond(network: Network, explanation: Explanation, layer: str) -> LayerResponse:
    """The Jacobians of a layer's gates at the descriptor of an explanation.

    Args:
        network: The network that made the explanation.
        explanation: What holds the descriptor.
        layer: Name of an attention layer.

    Returns:
        Matrix and Jacobian (C, C).

    Raises:
        SelectionError: For an unknown layer, with the valid names.
        NetworkError: For a layer of which the gates alone are known.
    """
    record = explanation.layer(layer)
    # In double precision a gate near 1 still has a slope, and the rank shows no rounding.
    if record.verified != "formula":
        raise unknown_inside(record)
    module = copy.deepcopy(network.private().layer(layer).module).double()
    descriptor = torch.tensor(record.descriptor[0]).double()
    second = None if record.second is None else torch.tensor(record.second[0]).double()
    matrix, jacobian = jacobians(module, find_mechanism(record.mechanism), descriptor, second)
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
