"""The arithmetic behind a channel's weight, read from the layer and from what it captured."""

from collections.abc import Sequence

import numpy as np
import torch

from eca_viz.attention.discovery import AttentionLayer, find_attention
from eca_viz.attention.mechanism import Row, Squeezed
from eca_viz.errors import NetworkError
from eca_viz.networks.spec import Network
from eca_viz.records import (
    Bottleneck,
    ChannelSteps,
    Explanation,
    Floats,
    LayerAttention,
    Terms,
    as_floats,
)


def channel_steps(
    network: Network, explanation: Explanation, layer: str, channels: Sequence[int]
) -> tuple[ChannelSteps, ...]:
    """How the weight of each of some channels of a layer is made for a photograph.

    `explanation` is one that `network` made; nothing of the network runs but a bottleneck.
    Raises KeyError for an unknown layer, NetworkError for a channel that it does not have
    and for a layer whose inside is not known.
    """
    record = explanation.layer(layer)
    beyond = [channel for channel in channels if not 0 <= channel < record.channels]
    if beyond:
        raise NetworkError(
            f"{layer} has no channel {beyond[0]}; give one from 0 to {record.channels - 1}"
        )
    found = _find(network, record)
    descriptor = record.descriptor[0]
    squeezed = found.mechanism.squeeze(found.module, torch.tensor(descriptor))
    bottleneck = None if squeezed is None else _bottleneck(squeezed)
    inputs = descriptor if bottleneck is None else bottleneck.values
    name = type(found.mechanism.probes(found.module).weights.module).__name__
    steps = []
    for channel in channels:
        row = found.mechanism.row(found.module, channel, record.channels)
        if row is None:
            raise NetworkError(
                f"how {layer} makes its weights is not known; it was captured from outside"
            )
        steps.append(
            ChannelSteps(
                layer=layer,
                channel=channel,
                mechanism=record.mechanism,
                terms=_terms(row, inputs),
                bottleneck=bottleneck,
                logit=float(record.logits[0, channel]),
                weight=float(record.weights[0, channel]),
                squash="hard sigmoid" if "hard" in name.lower() else "sigmoid",
            )
        )
    return tuple(steps)


def _find(network: Network, record: LayerAttention) -> AttentionLayer:
    """The layer's module with its mechanism; no hook is put on it."""
    module = network.module.get_submodule(record.layer)
    found = find_attention(module)
    if len(found) != 1 or found[0].module is not module:
        raise NetworkError(
            f"how {record.layer} makes its weights is not known; it was captured from outside"
        )
    return found[0]


def _terms(row: Row, inputs: Floats) -> Terms:
    places = row.places.numpy()
    inside = (places >= 0) & (places < len(inputs))
    indices = places % len(inputs) if row.wraps else np.where(inside, places, -1)
    values = np.where(indices >= 0, inputs[indices], 0)
    coefficients = as_floats(row.coefficients.float().cpu().numpy())
    return Terms(places, indices, as_floats(values), coefficients, row.bias)


def _bottleneck(squeezed: Squeezed) -> Bottleneck:
    weight, bias, sums, values = (
        as_floats(part.float().cpu().numpy())
        for part in (squeezed.weight, squeezed.bias, squeezed.sums, squeezed.values)
    )
    return Bottleneck(weight, bias, sums, values, squeezed.activation)
