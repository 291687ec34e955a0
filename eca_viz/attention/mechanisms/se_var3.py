"""SE without dimensionality reduction: one full matrix, also known as effective SE."""

import torch
from torch import nn

from eca_viz.attention.mechanism import Mechanism, Mixing, Probe, Probes, Row, bias_of
from eca_viz.attention.mechanisms.pooled_gate import PooledGate
from eca_viz.attention.mechanisms.se import dense_sizes, dense_weight, gated_dense_layers


class SEVar3Layer(PooledGate):
    """ω = σ(W y): C² parameters, W is full; one fully connected layer without bias.

    Source: Wang et al., "ECA-Net", CVPR 2020, Table 2.
    """

    def __init__(self, channels: int) -> None:
        super().__init__(nn.Linear(channels, channels, bias=False))


def _parts(module: nn.Module) -> tuple[nn.Module, nn.Module] | None:
    found = gated_dense_layers(module)
    if found is None or len(found[0]) != 1:
        return None
    (full,), sigmoid = found
    sizes = dense_sizes(full)
    return (full, sigmoid) if sizes is not None and sizes[0] == sizes[1] else None


def _known_parts(module: nn.Module) -> tuple[nn.Module, nn.Module]:
    parts = _parts(module)
    if parts is None:
        raise TypeError(f"{type(module).__name__} is not built like an SE-Var3 layer")
    return parts


def _row(module: nn.Module, channel: int, channels: int) -> Row:
    full, _ = _known_parts(module)
    return Row(torch.arange(channels), dense_weight(full)[channel], bias_of(full, channel))


def _mixing(module: nn.Module) -> Mixing:
    full, _ = _known_parts(module)
    return Mixing(full, full)


def _probes(module: nn.Module) -> Probes:
    full, sigmoid = _known_parts(module)
    return Probes(Probe(full, "input"), Probe(full, "output"), Probe(sigmoid, "output"))


SE_VAR3 = Mechanism(
    name="se_var3",
    title="SE-Var3 (effective SE)",
    formula=r"\omega = \sigma(W y)",
    recognises=lambda module: _parts(module) is not None,
    probes=_probes,
    row=_row,
    mixing=_mixing,
)
