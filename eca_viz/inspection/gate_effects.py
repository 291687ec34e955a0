"""Effects of gates: the change of a class's logit when they become their mean gates."""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

import numpy as np
import torch
from torch import Tensor, nn

from eca_viz.attention.discovery import AttentionLayer
from eca_viz.gates.change import GateChange, Intervention, as_changes
from eca_viz.gates.forward import changed
from eca_viz.gates.intervene import intervene
from eca_viz.locale.texts import text
from eca_viz.networks.device import with_fallback
from eca_viz.networks.passes import report
from eca_viz.networks.spec import Network
from eca_viz.progress import Progress, silent
from eca_viz.records import ChannelEffects, Explanation, LayerEffects, ReferenceGates, as_floats
from eca_viz.saliency.methods.layer import gate_attribution

BATCH = 32


def channel_effects(
    network: Network,
    explanation: Explanation,
    layer: str,
    target: int,
    *,
    reference: ReferenceGates,
    batch: int = BATCH,
    progress: Progress = silent,
) -> ChannelEffects:
    """The change of a class's logit when the gate of each channel alone becomes its mean gate.

    `batch` channels are tried at a time; up to the layer the network runs once for all of
    them, with the whole batch behind it.

    Args:
        network: The network that made the explanation.
        explanation: What says which image; its changed gates stay changed.
        layer: Name of an attention layer.
        target: Index of the class.
        reference: The network's mean gates, from reference_gates(network).
        batch: How many channels are tried at a time.
        progress: Called before each pass and from time to time within it; an exception that it
            raises ends the computation.

    Returns:
        The effects (C,) with Captum's gradient × activation of the gates beside them.

    Raises:
        SelectionError: For an unknown layer or class.

    >>> reference = eca_viz.reference_gates(network)
    >>> church = network.class_index("church")
    >>> effects = eca_viz.channel_effects(
    ...     network, explanation, "layer4.1.eca", church, reference=reference
    ... )
    >>> effects.change.shape
    (512,)
    """
    record = explanation.layer(layer)
    target = network.class_index(target)
    gates = torch.tensor(record.weights[0]).nan_to_num()  # a channel of zeros shows no gate
    means = torch.tensor(reference.gates[layer])
    means = torch.where(means.isnan(), gates, means)
    inputs = network.inputs_of(explanation)

    def compute(network: Network) -> ChannelEffects:
        private = network.private_on_device()
        place = private.layer(layer)
        batches = -(-record.channels // batch)
        what = text("Gates of {layer}", layer=layer)
        report(private.module, progress, what, batches + 2)
        start = time.perf_counter()
        with changed(private, Intervention(as_changes(explanation.gates), reference.gates)):
            baseline = float(_logits(private.module, inputs)[0, target])
            found = []
            for first in range(0, record.channels, batch):
                channels = torch.arange(first, min(first + batch, record.channels))
                rows = gates.repeat(len(channels), 1)
                rows[torch.arange(len(channels)), channels] = means[channels]
                found.append(_branched(private.module, place, inputs, rows)[:, target] - baseline)
            seconds = time.perf_counter() - start
            attribution = gate_attribution(private.module, place, inputs, target)
        return ChannelEffects(
            layer=layer,
            target=target,
            logit=baseline,
            weights=record.weights[0],
            reference=as_floats(means.numpy()),
            change=as_floats(torch.cat(found).numpy()),
            attribution=as_floats(attribution.cpu().numpy()),
            seconds=seconds,
        )

    return with_fallback(network, compute)


def layer_effects(
    network: Network,
    explanation: Explanation,
    target: int,
    *,
    reference: ReferenceGates,
    progress: Progress = silent,
) -> LayerEffects:
    """The change of a class's logit when all gates of one layer become their mean gates.

    Args:
        network: As in `channel_effects`.
        explanation: As in `channel_effects`.
        target: As in `channel_effects`.
        reference: As in `channel_effects`.
        progress: As in `channel_effects`.

    Returns:
        One number for each attention layer.

    Raises:
        SelectionError: For an unknown class.

    >>> reference = eca_viz.reference_gates(network)
    >>> eca_viz.layer_effects(network, explanation, 4, reference=reference).change.shape
    (8,)
    """
    target = network.class_index(target)
    inputs = network.inputs_of(explanation)
    names = [record.layer for record in explanation.attention]
    given = as_changes(explanation.gates)

    def logits(network: Network) -> list[float]:
        private = network.private_on_device()
        report(private.module, progress, text("Layers"), len(names) + 1)
        found = []
        for more in ((), *((GateChange("reference", name),) for name in names)):
            with changed(private, Intervention((*given, *more), reference.gates)):
                found.append(float(_logits(private.module, inputs)[0, target]))
        return found

    baseline, *changes = with_fallback(network, logits)
    distance = []
    for name in names:
        gates = explanation.layer(name).weights[0]
        apart = np.abs(gates - reference.gates[name])
        distance.append(float(np.nan_to_num(apart).mean()))
    return LayerEffects(
        layers=tuple(names),
        target=target,
        logit=baseline,
        change=as_floats(torch.tensor([one - baseline for one in changes]).numpy()),
        distance=as_floats(torch.tensor(distance).numpy()),
    )


def _logits(private: nn.Module, inputs: Tensor) -> Tensor:
    with torch.inference_mode():
        logits: Tensor = private(inputs)
    return logits


def _branched(private: nn.Module, layer: AttentionLayer, inputs: Tensor, gates: Tensor) -> Tensor:
    """Logits (B, classes) of one image (1, 3, H, W) with B rows of gates (B, C) in a layer.

    The network runs with one image up to the layer and with B from there on, since the layer's
    input is repeated and shortcuts broadcast. Where a network cannot do that, B images run all
    the way.
    """
    try:
        with _set_gates(layer, gates, repeat=True):
            logits = _logits(private, inputs)
        if len(logits) == len(gates):
            return logits
    except torch.OutOfMemoryError:
        raise
    except RuntimeError:
        pass  # a block that fixes its batch size before the layer
    with _set_gates(layer, gates, repeat=False):
        return _logits(private, inputs.expand(len(gates), -1, -1, -1))


@contextmanager
def _set_gates(layer: AttentionLayer, gates: Tensor, *, repeat: bool) -> Iterator[None]:
    def before(module: nn.Module, inputs: Sequence[Tensor]) -> tuple[Tensor, ...]:
        return (inputs[0].repeat(len(gates), 1, 1, 1), *inputs[1:])

    with ExitStack() as hooks:
        if repeat:
            hooks.callback(layer.module.register_forward_pre_hook(before).remove)
        hooks.enter_context(
            intervene(layer.module, gates={layer.name: gates.numpy()}, layers=[layer])
        )
        yield
