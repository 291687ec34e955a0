"""One forward pass of a private copy of a network, captured, with its gates changed or not."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext

import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn

from eca_viz.attention.discovery import find_attention
from eca_viz.gates.capture import capture
from eca_viz.gates.change import GateChange
from eca_viz.gates.intervene import intervene
from eca_viz.networks.clone import clone
from eca_viz.records import LayerAttention

Reference = Mapping[str, ArrayLike]


def attend(
    module: nn.Module,
    inputs: Tensor,
    changes: Sequence[GateChange] = (),
    reference: Reference | None = None,
) -> tuple[Tensor, tuple[LayerAttention, ...]]:
    """Logits of a batch, and the attention of every layer in the order of the forward pass.

    The hooks are on a clone: `module` may be shared. A network without attention, such as
    the ablation's baseline, has no layers. `changes` and `reference` are those of intervene;
    the attention then holds the changed gates.
    """
    private = clone(module)
    with torch.inference_mode(), changed(private, changes, reference):
        if not find_attention(private):
            return private(inputs), ()
        with capture(private) as recorder:
            logits = private(inputs)
    return logits, recorder.records


def changed(
    private: nn.Module, changes: Sequence[GateChange], reference: Reference | None = None
) -> AbstractContextManager[None]:
    """`intervene` on a private network where there is something to change."""
    return intervene(private, changes, reference=reference) if changes else nullcontext()
