"""The attention layers of a network: found by structure, with their stage and width."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from torch import nn

from eca_viz.attention.functional import called_gate
from eca_viz.attention.mechanism import Mechanism, is_sigmoid
from eca_viz.attention.mechanisms.opaque_gate import GATE
from eca_viz.attention.no_factor import reason
from eca_viz.attention.registry import recognise
from eca_viz.attention.verification import Verdict
from eca_viz.errors import NetworkError

MOST_NAMES = 3
SHORTCUTS = ("downsample", "shortcut")


@dataclass(frozen=True, eq=False)
class AttentionLayer:
    """An attention layer in a network, before a forward pass.

    `kernel_size` and `reduction` are read from the module, None where the mechanism has none;
    `width` is the number of output channels of the first convolution in the layer's block, None
    without one. `verdicts` holds what was found of the layer's reading once a pass has shown it;
    copies of the layer share it.
    """

    name: str
    stage: str
    mechanism: Mechanism
    module: nn.Module
    kernel_size: int | None
    reduction: float | None
    width: int | None
    verdicts: list[Verdict] = field(default_factory=list)

    @property
    def unread(self) -> bool:
        """Whether a pass has shown that its gates are not what was read."""
        return bool(self.verdicts) and self.verdicts[0].verified == "none"

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
    inside of an attention layer do not count. `also` names modules whose structure is not known
    but which multiply each channel of their input by a factor in [0, 1]; capture() checks that
    they do.
    Raises NetworkError for a name that the model does not have.
    """
    modules = dict(model.named_modules())
    unknown = [name for name in also if name not in modules]
    if unknown:
        examples = ", ".join([name for name in modules if name][:5])
        raise NetworkError(
            f"{type(model).__name__} has no module {unknown[0]!r}; its modules are {examples}, …"
        )
    found: list[AttentionLayer] = []
    for name, module in modules.items():
        # The modules inside of a layer follow it directly.
        if found and name.startswith(f"{found[-1].name}."):
            continue
        mechanism = recognise(module) or (GATE if name in also else None)
        if mechanism is None:
            continue
        taps = mechanism.taps(module)
        found.append(
            AttentionLayer(
                name=name,
                stage=stage_of(name),
                mechanism=mechanism,
                module=module,
                kernel_size=None if taps is None else len(taps),
                reduction=mechanism.reduction(module),
                width=_block_width(modules.get(name.rpartition(".")[0])) if name else None,
            )
        )
    return tuple(found)


def lookalikes(model: nn.Module, layers: Sequence[AttentionLayer]) -> dict[str, str]:
    """Modules that are attention by their sigmoid or their name, and are no known layer.

    Args:
        model: The network.
        layers: Its attention layers, inside of which nothing is looked for.

    Returns:
        Why each has no single factor for each channel, by its name; empty where that is not known.
    """
    known = {layer.name for layer in layers}
    found: dict[str, str] = {}
    for name, module in model.named_modules():
        if not name or any(name == one or name.startswith(f"{one}.") for one in (*known, *found)):
            continue
        gated = _gates_something(module)
        why = reason(module, gated=gated)
        if gated or (why and not any(one.startswith(f"{name}.") for one in known)):
            found[name] = why
    return found


def _gates_something(module: nn.Module) -> bool:
    kind = type(module)
    if kind is nn.Sequential or kind.__module__.startswith("torch."):
        return False
    # An activation such as SiLU calls a sigmoid too, and has nothing learned.
    learned = next(module.parameters(), None) is not None
    return any(map(is_sigmoid, module.children())) or (learned and called_gate(module) is not None)


def unread(alike: Mapping[str, str]) -> tuple[str, ...]:
    """A sentence on modules that look like attention for each reason why they are not read.

    Args:
        alike: What lookalikes gives.
    """
    sentences = []
    for why in dict.fromkeys(alike.values()):
        names = [name for name, other in alike.items() if other == why]
        listed = ", ".join(names[:MOST_NAMES]) + (", …" if len(names) > MOST_NAMES else "")
        one = len(names) == 1
        many = "1 module" if one else f"{len(names)} modules"
        looks, are = ("looks", "is") if one else ("look", "are")
        what = (
            f"{are} attention without one factor for each channel"
            if why
            else f"{looks} like attention"
        )
        advice = (
            "`also` of capture, of Network.wrap or of a network's own file reads those that "
            "multiply each channel by one factor"
        )
        sentences.append(f"{many} {what} and {are} not read: {listed}; {why or advice}")
    return tuple(sentences)


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
