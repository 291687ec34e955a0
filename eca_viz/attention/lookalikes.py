"""What looks like attention and has an unknown structure: one pass shows whether it is."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from eca_viz.attention.discovery import AttentionLayer, attention_layer
from eca_viz.attention.functional import called_gate, calls_tanh
from eca_viz.attention.mechanisms.opaque_gate import GATE, factors_of
from eca_viz.attention.modules import is_sigmoid
from eca_viz.attention.no_factor import reason
from eca_viz.attention.registry import suppose
from eca_viz.attention.verification import BY_OUTPUT, Verdict, varies
from eca_viz.locale.texts import Text, text, textn

MOST_NAMES = 3

NO_FACTOR = text("no factor for each channel takes the input to the output")
NOT_RUN = text("no pass has shown whether a factor for each channel takes the input to the output")


def with_guesses(
    model: nn.Module, layers: Sequence[AttentionLayer]
) -> tuple[tuple[AttentionLayer, ...], dict[str, str]]:
    """Adds what looks like attention to the known layers; a pass shows whether it is.

    Args:
        model: The network.
        layers: Its attention layers, inside of which nothing is looked for.

    Returns:
        Known and guessed layers in the order of registration, and why other modules that look like
        attention have no single factor for each channel, by name.
    """
    alike, modules = _lookalikes(model, layers), dict(model.named_modules())
    guessed = [
        attention_layer(name, modules, suppose(modules[name]) or GATE, guessed=True)
        for name, why in alike.items()
        if not why
    ]
    places = {name: place for place, name in enumerate(modules)}
    found = sorted((*layers, *guessed), key=lambda layer: places[layer.name])
    return tuple(found), {name: why for name, why in alike.items() if why}


def _lookalikes(model: nn.Module, layers: Sequence[AttentionLayer]) -> dict[str, str]:
    """Why modules that look like attention have no single factor; "" where that is not known."""
    known = {layer.name for layer in layers}
    found: dict[str, str] = {}
    for name, module in model.named_modules():
        inside = (*known, *found)
        if not name or any(name == one or name.startswith(f"{one}.") for one in inside):
            continue
        gated = _gates_something(module)
        why = reason(module, gated=gated)
        if (gated or why) and not any(one.startswith(f"{name}.") for one in known):
            found[name] = why
    return found


def _gates_something(module: nn.Module) -> bool:
    kind = type(module)
    if kind is nn.Sequential or kind.__module__.startswith("torch."):
        return False
    # An activation such as SiLU calls a sigmoid too, and has nothing learned.
    called = _has_parameters(module) and (called_gate(module) is not None or calls_tanh(module))
    return called or any(is_sigmoid(one) or isinstance(one, nn.Tanh) for one in module.children())


def _has_parameters(module: nn.Module) -> bool:
    """Whether anything in a module is learned."""
    return next(module.parameters(), None) is not None


def judge_guess(before: object, after: object) -> Verdict | None:
    """What a call of a guessed layer shows.

    Args:
        before: Its input.
        after: Its output.

    Returns:
        Whether its factors can be read; None where the call cannot show it, as with an input that
        is the same at all positions. Of three dimensions the second may be that of tokens, so that
        four are needed.
    """
    failed = Verdict("none", GATE, "other", NO_FACTOR)
    if not (isinstance(before, Tensor) and isinstance(after, Tensor)):
        return failed
    if before.ndim < 4 or before.shape != after.shape or not before.is_floating_point():
        return failed
    if not (torch.isfinite(before).all() and varies(before)):
        return None
    factors = factors_of(before, after)
    if factors is None:
        return failed
    # A residual branch that begins at zero gives its input too.
    if bool((factors.nan_to_num(1.0) == 1).all()):
        return None
    return Verdict("weights", GATE, "average", BY_OUTPUT)


def scales(before: Tensor, after: object) -> bool:
    """Whether a call of a guessed layer multiplied each channel by one factor, as it did before."""
    if not isinstance(after, Tensor) or before.shape != after.shape:
        return False
    return factors_of(before, after) is not None


def first_input(inputs: tuple[Any, ...], more: Mapping[str, Any]) -> object:
    """The first argument of a module's call, by position or by name; None without one."""
    return next(iter((*inputs, *more.values())), None)


def failed_guesses(layers: Sequence[AttentionLayer]) -> Mapping[str, str]:
    """Why guessed layers are not read, by name.

    What holds nothing learned is an activation, and is left out.
    """
    return {
        layer.name: layer.verdicts[0].doubt if layer.verdicts else NOT_RUN
        for layer in layers
        if layer.guessed and (layer.unread or not layer.verdicts) and _has_parameters(layer.module)
    }


def unread(alike: Mapping[str, str]) -> tuple[Text, ...]:
    """A sentence on modules that look like attention for each reason why they are not read.

    Args:
        alike: The reason, a clause, by the module's name.
    """
    sentences = []
    for why in dict.fromkeys(alike.values()):
        names = [name for name, other in alike.items() if other == why]
        listed = ", ".join(names[:MOST_NAMES]) + (", …" if len(names) > MOST_NAMES else "")
        if why in {NO_FACTOR, NOT_RUN}:
            sentence = textn(
                "{n} module looks like attention and is not read: {listed}; {why}",
                "{n} modules look like attention and are not read: {listed}; {why}",
                len(names),
                listed=listed,
                why=why,
            )
        else:
            sentence = textn(
                "{n} module is attention without one factor for each channel and is not read: "
                "{listed}; {why}",
                "{n} modules are attention without one factor for each channel and are not read: "
                "{listed}; {why}",
                len(names),
                listed=listed,
                why=why,
            )
        sentences.append(sentence)
    return tuple(sentences)
