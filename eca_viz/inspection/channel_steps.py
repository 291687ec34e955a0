"""The arithmetic behind a channel's weight, read from the layer and from what it captured."""

from collections.abc import Sequence

import numpy as np
import torch

from eca_viz.attention.mechanism import Row, Squeezed
from eca_viz.errors import NetworkError
from eca_viz.networks.spec import Network
from eca_viz.records import (
    Bottleneck,
    ChannelSteps,
    Explanation,
    Floats,
    Terms,
    as_floats,
)


def channel_steps(
    network: Network, explanation: Explanation, layer: str, channels: Sequence[int]
) -> tuple[ChannelSteps, ...]:
    """The arithmetic behind the gates of some channels of a layer.

    Nothing of the network runs but a bottleneck.

    Args:
        network: The network that made the explanation.
        explanation: What holds the layer's descriptor.
        layer: Name of an attention layer.
        channels: Indices of its channels.

    Returns:
        One ChannelSteps a channel.

    Raises:
        SelectionError: For an unknown layer or channel.
        NetworkError: For a layer whose inside is not known.
    """
    record = explanation.layer(layer)
    for channel in channels:
        record.check_channel(channel)
    found = next((known for known in network.layers if known.name == layer), None)
    if found is None:
        raise _unknown_inside(layer)
    descriptor = record.descriptor[0]
    squeezed = found.mechanism.squeeze(found.module, torch.tensor(descriptor))
    bottleneck = None if squeezed is None else _bottleneck(squeezed)
    inputs = descriptor if bottleneck is None else bottleneck.values
    name = type(found.mechanism.probes(found.module).weights.module).__name__
    steps = []
    for channel in channels:
        row = found.mechanism.row(found.module, channel, record.channels)
        if row is None:
            raise _unknown_inside(layer)
        steps.append(
            ChannelSteps(
                layer=layer,
                channel=channel,
                mechanism=record.mechanism,
                terms=_terms(row, inputs),
                bottleneck=bottleneck,
                logit=float(record.logits[0, channel]),
                weight=float(record.weights[0, channel]),
                activation="hard sigmoid" if "hard" in name.lower() else "sigmoid",
            )
        )
    return tuple(steps)


def _unknown_inside(layer: str) -> NetworkError:
    return NetworkError(
        f"the arithmetic of {layer} is not known; it was captured by its input and output alone"
    )


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
