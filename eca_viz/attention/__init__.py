"""Kinds of channel attention, and where they stand in a network."""

from dataclasses import dataclass

from torch import nn

from eca_viz.attention.base import Mechanism
from eca_viz.attention.eca import CIRCULAR_ECA, ECA

MECHANISMS: tuple[Mechanism, ...] = (ECA, CIRCULAR_ECA)


@dataclass(frozen=True, eq=False)
class AttentionLayer:
    """An attention layer in a network, before anything has run through it.

    `kernel_size` is read from the loaded weights; `width` is the number of channels that
    the first convolution of the layer's block puts out, where there is one.
    """

    name: str
    stage: str
    mechanism: Mechanism
    module: nn.Module
    kernel_size: int | None
    width: int | None


def find_attention(model: nn.Module) -> tuple[AttentionLayer, ...]:
    """The attention layers of `model` in the order of registration; none is an empty tuple.

    A module counts when one of MECHANISMS recognises its structure: for ECA one Conv1d
    from one channel to one and one sigmoid, with or without a pool.
    """
    modules = dict(model.named_modules())
    found = []
    for name, module in modules.items():
        mechanism = recognise(module)
        if mechanism is not None:
            taps = mechanism.taps(module)
            found.append(
                AttentionLayer(
                    name=name,
                    stage=stage_of(name),
                    mechanism=mechanism,
                    module=module,
                    kernel_size=None if taps is None else len(taps),
                    width=_block_width(modules.get(name.rpartition(".")[0])) if name else None,
                )
            )
    return tuple(found)


def recognise(module: nn.Module) -> Mechanism | None:
    """The mechanism that `module` implements, if any."""
    return next((known for known in MECHANISMS if known.recognises(module)), None)


def stage_of(name: str) -> str:
    """The part of a layer's name that says its stage.

    `layer3.0.eca` is in `layer3`, `module.stages.2.1.attn` in `module.stages.2`: all
    components up to the first that ends in a digit, or the first where none does.
    """
    parts = name.split(".")
    end = next((place for place, part in enumerate(parts) if part[-1:].isdigit()), 0)
    return ".".join(parts[: end + 1])


def _block_width(block: nn.Module | None) -> int | None:
    if block is None:
        return None
    convolutions = (child for child in block.children() if isinstance(child, nn.Conv2d))
    first = next(convolutions, None)
    return None if first is None else first.out_channels
