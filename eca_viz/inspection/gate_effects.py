"""Does a gate matter: set it to its usual value and watch the logit of a class."""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from eca_viz.attention.discovery import AttentionLayer, find_attention
from eca_viz.gates.change import GateChange, as_changes
from eca_viz.gates.forward import changed
from eca_viz.gates.reference import as_explained, reference_gates
from eca_viz.networks.clone import clone
from eca_viz.networks.spec import Network
from eca_viz.progress import Progress, silent
from eca_viz.records import ChannelEffects, Explanation, LayerEffects, as_floats
from eca_viz.saliency.methods.layer import gate_attribution

BATCH = 32


def channel_effects(
    network: Network,
    explanation: Explanation,
    layer: str,
    target: int,
    *,
    batch: int = BATCH,
    progress: Progress = silent,
) -> ChannelEffects:
    """For each channel of `layer`, what its gate's usual value does to the logit of `target`.

    Each channel's gate alone is set to its reference mean and the change of the logit is
    measured. `batch` channels are tried at a time; up to the layer the network runs once for
    all of them, with the whole batch behind it. `explanation` is one that `network` made, its
    changed gates stay changed. `progress` is called before each batch; an exception that it
    raises ends the computation. Raises KeyError for an unknown layer.
    """
    record = explanation.layer(layer)
    private, place = _private(network, layer)
    usual = torch.tensor(reference_gates(network).gates[layer])
    inputs = network.spec.preprocess.normalise(explanation.seen)
    gates = torch.tensor(record.weights[0])
    start = time.perf_counter()
    with as_explained(network, explanation, private):
        baseline = float(_logits(private, inputs)[0, target])
        found = []
        for first in range(0, record.channels, batch):
            progress(f"Gates of {layer}", first / record.channels)
            channels = torch.arange(first, min(first + batch, record.channels))
            rows = gates.repeat(len(channels), 1)
            rows[torch.arange(len(channels)), channels] = usual[channels]
            found.append(_branched(private, place, inputs, rows)[:, target] - baseline)
        seconds = time.perf_counter() - start
        attribution = gate_attribution(private, _gate(place), inputs, target)
    return ChannelEffects(
        layer=layer,
        target=target,
        logit=baseline,
        weights=record.weights[0],
        reference=as_floats(usual.numpy()),
        change=as_floats(torch.cat(found).numpy()),
        attribution=as_floats(attribution.numpy()),
        seconds=seconds,
    )


def layer_effects(
    network: Network, explanation: Explanation, target: int, *, progress: Progress = silent
) -> LayerEffects:
    """What it does to the logit of `target` when all gates of one layer have their usual values.

    One number for each attention layer; arguments are those of `channel_effects`.
    """
    usual = reference_gates(network).gates
    inputs = network.spec.preprocess.normalise(explanation.seen)
    names = [record.layer for record in explanation.attention]
    given = as_changes(explanation.gates)
    change, distance = [], []
    baseline = float("nan")
    for number, name in enumerate(["", *names]):
        progress("Layers", number / (len(names) + 1))
        more = (GateChange("reference", name),) if name else ()
        private = clone(network.module)
        with changed(private, (*given, *more), usual):
            logit = float(_logits(private, inputs)[0, target])
        if not name:
            baseline = logit
            continue
        change.append(logit - baseline)
        distance.append(float(abs(explanation.layer(name).weights[0] - usual[name]).mean()))
    return LayerEffects(
        layers=tuple(names),
        target=target,
        logit=baseline,
        change=as_floats(torch.tensor(change).numpy()),
        distance=as_floats(torch.tensor(distance).numpy()),
    )


def _private(network: Network, layer: str) -> tuple[nn.Module, AttentionLayer]:
    private = clone(network.module)
    return private, next(one for one in find_attention(private) if one.name == layer)


def _logits(private: nn.Module, inputs: Tensor) -> Tensor:
    with torch.inference_mode():
        logits: Tensor = private(inputs)
    return logits


def _gate(layer: AttentionLayer) -> nn.Module:
    return layer.mechanism.probes(layer.module).weights.module


def _branched(private: nn.Module, layer: AttentionLayer, inputs: Tensor, gates: Tensor) -> Tensor:
    """Logits (B, classes) of one photograph (1, 3, H, W) with B rows of gates (B, C) in a layer.

    The network runs with one photograph up to the layer and with B from there on, since what
    goes into the layer is repeated there and shortcuts broadcast. Where a network cannot do
    that, B photographs run all the way.
    """
    try:
        with _set_gates(layer, gates, repeat=True):
            logits = _logits(private, inputs)
        if len(logits) == len(gates):
            return logits
    except RuntimeError:
        pass  # a block that fixes its batch size before the layer
    with _set_gates(layer, gates, repeat=False):
        return _logits(private, inputs.expand(len(gates), -1, -1, -1))


@contextmanager
def _set_gates(layer: AttentionLayer, gates: Tensor, *, repeat: bool) -> Iterator[None]:
    def before(module: nn.Module, inputs: Sequence[Tensor]) -> tuple[Tensor, ...]:
        return (inputs[0].repeat(len(gates), 1, 1, 1), *inputs[1:])

    def after(module: nn.Module, inputs: Any, output: Tensor) -> Tensor:
        return gates.to(output).reshape(-1, *output.shape[1:])

    with ExitStack() as hooks:
        if repeat:
            hooks.callback(layer.module.register_forward_pre_hook(before).remove)
        hooks.callback(_gate(layer).register_forward_hook(after).remove)
        yield
