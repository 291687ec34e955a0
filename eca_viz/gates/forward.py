"""Forward passes of a private network, captured, with its gates changed or not."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import torch
from torch import Tensor

from eca_viz.gates.capture import capture
from eca_viz.gates.change import Intervention
from eca_viz.gates.intervene import intervene
from eca_viz.gates.recorder import Recorder
from eca_viz.networks.private import PrivateNetwork
from eca_viz.networks.spec import Network
from eca_viz.records import LayerAttention

UNCHANGED = Intervention()


def attend(
    network: PrivateNetwork,
    inputs: Tensor | tuple[Tensor, ...],
    intervention: Intervention = UNCHANGED,
) -> tuple[Tensor, tuple[LayerAttention, ...]]:
    """One forward pass with its attention.

    Args:
        network: The network; hooks are put on it and removed again.
        inputs: A batch (N, 3, H, W), or what else the network takes.
        intervention: How its gates are changed; the attention then holds the changed gates.

    Returns:
        Logits (N, classes), and the attention of every layer in the order of the forward pass,
        nothing for a network without attention.

    Raises:
        GateError: Where a change does not fit the network.
    """
    with torch.inference_mode(), observed(network, intervention) as recorder:
        logits = network.module(*(inputs if isinstance(inputs, tuple) else (inputs,)))
    return logits, recorder.records


@contextmanager
def observed(network: PrivateNetwork, intervention: Intervention) -> Iterator[Recorder]:
    """`changed`, and the attention of the passes in the block, none for a network without."""
    with changed(network, intervention):
        if not network.layers:
            yield Recorder()
            return
        with capture(network.module, layers=network.layers) as recorder:
            yield recorder


def changed(network: PrivateNetwork, intervention: Intervention) -> AbstractContextManager[None]:
    """`intervene` on a private network where there is something to change."""
    if not intervention.changes:
        return nullcontext()
    return intervene(
        network.module,
        intervention.changes,
        reference=intervention.reference,
        layers=network.layers,
    )


def inspect_layers(network: Network) -> tuple[LayerAttention, ...]:
    """The attention of every layer for an image of the mean colour, in the order of the pass.

    That of a network that takes tensors is for its example.
    """
    side = network.spec.preprocess.crop
    return attend(network.private(), network.example or torch.zeros(1, 3, side, side))[1]
