"""The attention layers of a network: found by structure, with their stage and width."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from torch import nn

from eca_viz.attention.mechanism import Mechanism
from eca_viz.attention.mechanisms.opaque_gate import GATE
from eca_viz.attention.registry import recognise
from eca_viz.attention.verification import Verdict
from eca_viz.errors import NetworkError
from eca_viz.locale.texts import text

SHORTCUTS = ("downsample", "shortcut")


@dataclass(frozen=True, eq=False)
class AttentionLayer:
    """An attention layer in a network, before a forward pass.

    `kernel_size` and `reduction` are read from the module, None where the mechanism has none;
    `width` is the number of output channels of the first convolution in the layer's block, None
    without one. `guessed` is one that looks like attention, whose structure is unknown or does not
    show alone what it is. `verdicts`
    holds what was found of the layer's reading once a pass has shown it; copies of the layer share
    it.
    """

    name: str
    stage: str
    mechanism: Mechanism
    module: nn.Module
    kernel_size: int | None
    reduction: float | None
    width: int | None
    guessed: bool = False
    verdicts: list[Verdict] = field(default_factory=list)

    @property
    def unread(self) -> bool:
        """Whether a pass has shown that its gates are not what was read."""
        return bool(self.verdicts) and self.verdicts[0].verified == "none"

    @property
    def by_output(self) -> bool:
        """Whether its gates are read from its input and output, and changed there."""
        return self.guessed or self.mechanism is GATE

    @property
    def of_unknown_formula(self) -> bool:
        """Whether only its gates are known, not what they are computed from."""
        shown = any(verdict.verified == "weights" for verdict in self.verdicts)
        return self.mechanism is GATE or shown


def find_attention(model: nn.Module, also: Sequence[str] = ()) -> tuple[AttentionLayer, ...]:
    """The attention layers of `model` in the order of registration; none is an empty tuple.

    A module counts when one of MECHANISMS recognises its structure: for ECA one Conv1d
    from one channel to one and one sigmoid, a module or a function; for SE two fully connected
    layers (Linear or 1 × 1 convolutions) down and up again, and one sigmoid at the end. Modules
    inside of an attention layer do not count. `also` names modules that multiply each channel of
    their input by one factor and are read by input and output alone, whatever their structure;
    capture() checks that they do, as for modules that only look like attention, which are not
    listed here.
    Raises NetworkError for a name that the model does not have.

    >>> [layer.name for layer in eca_viz.find_attention(model)][:2]
    ['layer1.0.eca', 'layer1.1.eca']
    """
    modules = dict(model.named_modules())
    unknown = [name for name in also if name not in modules]
    if unknown:
        examples = ", ".join([name for name in modules if name][:5])
        raise NetworkError(
            text(
                "{model} has no module {module!r}; its modules are {examples}, …",
                model=type(model).__name__,
                module=unknown[0],
                examples=examples,
            )
        )
    found: list[AttentionLayer] = []
    for name, module in modules.items():
        # The modules inside of a layer follow it directly.
        if found and name.startswith(_inside(found[-1])):
            continue
        mechanism = GATE if name in also else recognise(module)
        if mechanism is not None:
            found.append(attention_layer(name, modules, mechanism))
    return tuple(found)


def _inside(layer: AttentionLayer) -> str:
    """How the names of the modules inside of a layer begin."""
    return f"{layer.name}." if layer.name else ""


def attention_layer(
    name: str, modules: Mapping[str, nn.Module], mechanism: Mechanism, *, guessed: bool = False
) -> AttentionLayer:
    """A module as an attention layer.

    Args:
        name: Of the module in its network.
        modules: All modules of the network by name.
        mechanism: What it is read as.
        guessed: Whether it only looks like attention.

    Returns:
        The layer.
    """
    module = modules[name]
    taps = mechanism.taps(module)
    return AttentionLayer(
        name=name,
        stage=stage_of(name),
        mechanism=mechanism,
        module=module,
        kernel_size=None if taps is None else len(taps),
        reduction=mechanism.reduction(module),
        width=_block_width(modules.get(name.rpartition(".")[0])) if name else None,
        guessed=guessed,
    )


def stage_of(name: str) -> str:
    """The stage in a layer's name: its components up to the first that ends in a digit.

    `layer3.0.eca` is in `layer3`, `module.stages.2.1.attn` in `module.stages.2`. Where none
    ends in a digit, the stage is the first component.
    """
    parts = name.split(".")
    end = next((place for place, part in enumerate(parts) if part[-1:].isdigit()), 0)
    return ".".join(parts[: end + 1])


def _block_width(block: nn.Module | None) -> int | None:
    """Channels out of the first convolution on a block's main branch."""
    if block is None:
        return None
    branches = (child for name, child in block.named_children() if name not in SHORTCUTS)
    convolutions = (
        module for child in branches for module in child.modules() if isinstance(module, nn.Conv2d)
    )
    first = next(convolutions, None)
    return None if first is None else first.out_channels
