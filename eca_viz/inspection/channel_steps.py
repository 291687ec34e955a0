"""The arithmetic behind a channel's weight, read from the layer and from what it captured."""

from collections.abc import Sequence

import numpy as np
import torch

from eca_viz.attention.mechanism import Activation, Row, Squeezed
from eca_viz.attention.registry import find_mechanism
from eca_viz.errors import NetworkError
from eca_viz.locale.texts import text
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

TOLERANCE = 1e-3


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
        NetworkError: For a layer whose inside is not known, or whose gates were changed.

    >>> (steps,) = eca_viz.channel_steps(network, explanation, "layer4.1.eca", [17])
    >>> steps.terms.indices.tolist()
    [15, 16, 17, 18, 19]
    >>> bool(abs(steps.terms.values @ steps.terms.coefficients - steps.logit) < 1e-5)
    True
    """
    record = explanation.layer(layer)
    for channel in channels:
        record.check_channel(channel)
    found = next((known for known in network.layers if known.name == layer), None)
    if found is None or record.verified == "weights":
        raise unknown_inside(record)
    mechanism = find_mechanism(record.mechanism)
    bottlenecks = [
        _bottleneck(squeezed)
        for descriptor in (record.descriptor, record.maximum)
        if descriptor is not None
        and (squeezed := mechanism.squeeze(found.module, torch.tensor(descriptor[0])))
    ]
    second = None if record.second is None else torch.tensor(record.second[0])
    inputs = mechanism.inputs(found.module, torch.tensor(record.descriptor[0]), second)
    activation = mechanism.activation(found.module)
    steps = []
    for channel in channels:
        row = mechanism.row(found.module, channel, record.channels)
        if row is None:
            raise NetworkError(
                text(
                    "the logits of {layer} are no sums of terms of one image, since its batch norm "
                    "takes the mean and variance of each batch",
                    layer=layer,
                )
            )
        terms = _terms(row, as_floats(inputs.numpy()), record.channels)
        logit, weight = float(record.logits[0, channel]), float(record.weights[0, channel])
        own = (terms.total, _gate(terms.total, activation))
        if not np.allclose(own, (logit, weight), rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True):
            raise NetworkError(
                text(
                    "the gate of channel {channel} of {layer} was not computed as {mechanism} "
                    "computes it, since it was changed; explain the image again without changes",
                    channel=channel,
                    layer=layer,
                    mechanism=mechanism.title,
                )
            )
        steps.append(
            ChannelSteps(
                layer=layer,
                channel=channel,
                mechanism=record.mechanism,
                terms=terms,
                bottleneck=bottlenecks[0] if bottlenecks else None,
                of_maximum=record.maximum is not None,
                bottleneck_of_maximum=bottlenecks[1] if len(bottlenecks) > 1 else None,
                logit=logit,
                weight=weight,
                activation=activation,
            )
        )
    return tuple(steps)


def unknown_inside(record: LayerAttention) -> NetworkError:
    """The error for a layer of which the gates alone are known."""
    return NetworkError(
        text(
            "the arithmetic of {layer} is not known: it {doubt}; its gates were read and multiply "
            "its input",
            layer=record.layer,
            doubt=record.doubt,
        )
    )


def _gate(logit: float, activation: Activation) -> float:
    value = torch.tensor(logit, dtype=torch.double)
    if activation == "1 + tanh":
        return 1 + float(torch.tanh(value))
    hard = activation == "hard sigmoid"
    return float(torch.nn.functional.hardsigmoid(value) if hard else torch.sigmoid(value))


def _terms(row: Row, inputs: Floats, channels: int) -> Terms:
    places = row.places.numpy()
    inside = (places >= 0) & (places < len(inputs))
    found = places % len(inputs) if row.wraps else np.where(inside, places, -1)
    values = np.where(found >= 0, inputs[found], 0)
    indices = np.where(found >= 0, found % channels, -1) if row.names else found
    coefficients = as_floats(row.coefficients.float().cpu().numpy())
    return Terms(places, indices, as_floats(values), coefficients, row.bias, row.names)


def _bottleneck(squeezed: Squeezed) -> Bottleneck:
    weight, bias, sums, values = (
        as_floats(part.float().cpu().numpy())
        for part in (squeezed.weight, squeezed.bias, squeezed.sums, squeezed.values)
    )
    return Bottleneck(weight, bias, sums, values, squeezed.activation)
