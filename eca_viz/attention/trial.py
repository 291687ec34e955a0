"""Guessed layers on trial: one call shows whether they scale channels, and by which formula."""

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from eca_viz.attention.discovery import AttentionLayer
from eca_viz.attention.lookalikes import first_input, judge_guess
from eca_viz.attention.mechanism import Mechanism, Reading
from eca_viz.attention.mechanisms.opaque_gate import GATE, factors_of
from eca_viz.attention.verification import OTHER_FACTORS, Verdict, close, other_logits
from eca_viz.locale.texts import text


class Trial(NamedTuple):
    """What one call of a guessed layer showed: its input, its logits and its own output.

    `logits` are what its activation got, which is one tensor where it ran once.
    """

    before: object
    logits: Sequence[Tensor]
    after: object


def judge(mechanism: Mechanism, module: nn.Module, trial: Trial) -> Verdict | None:
    """What a call of a guessed layer shows.

    Args:
        mechanism: What it is supposed to be, GATE where that is not known.
        module: The layer.
        trial: What its call showed.

    Returns:
        That the formula holds, that its factors alone can be read, or not even these; None where
        the call cannot show it.
    """
    verdict = judge_guess(trial.before, trial.after)
    if verdict is None or verdict.verified == "none" or mechanism is GATE:
        return verdict
    with torch.no_grad():
        doubt = _doubt(mechanism, module, trial)
    if doubt:
        return verdict._replace(doubt=doubt)
    found = mechanism.poolings
    return Verdict("formula", mechanism, found[0], poolings=found)


def _doubt(mechanism: Mechanism, module: nn.Module, trial: Trial) -> str:
    """What does not hold of the formula, empty where all does."""
    before, after = trial.before, trial.after
    if not (isinstance(before, Tensor) and isinstance(after, Tensor)):
        # Translators: the layer is the subject.
        return text("took or gave no tensor")
    factors = factors_of(before, after)
    if factors is None or len(trial.logits) != 1 or trial.logits[0].numel() != factors.numel():
        # Translators: the layer is the subject.
        return text(
            "does not compute one set of logits, as {mechanism} does", mechanism=mechanism.title
        )
    logits = trial.logits[0].reshape(factors.shape)
    try:
        found = mechanism.descriptors(module, before, logits)
        expected = mechanism.logits(module, *found)
    except (RuntimeError, ValueError):
        # Translators: the layer is the subject.
        return text("takes an input that {mechanism} does not take", mechanism=mechanism.title)
    if not close(expected, logits):
        return other_logits(mechanism)
    known = ~factors.isnan()
    if not close(mechanism.gates(module, logits)[known], factors[known]):
        return OTHER_FACTORS
    return ""


def read_by_formula(
    mechanism: Mechanism, module: nn.Module, trial: Trial, changed: Tensor
) -> Reading | None:
    """The reading of a call of a layer whose formula holds.

    Args:
        mechanism: What the layer is.
        module: The layer.
        trial: What its call showed.
        changed: Its output after all changes of its gates.

    Returns:
        Descriptors, logits and the gates that took effect; None where the call did something else.
    """
    before, after = trial.before, trial.after
    if not isinstance(before, Tensor) or not isinstance(after, Tensor) or len(trial.logits) != 1:
        return None
    factors = factors_of(before, changed)
    if factors is None or trial.logits[0].numel() != factors.numel():
        return None
    logits = trial.logits[0].reshape(factors.shape)
    with torch.no_grad():
        own = mechanism.gates(module, logits)
        found = mechanism.descriptors(module, before, logits)
    known = ~factors.isnan()
    if not close(own[known], factors[known]):
        own = torch.where(known, factors, own)
    return Reading(found[0], logits, own, found[1] if len(found) == 2 else None)


def settle(model: nn.Module, layers: Sequence[AttentionLayer], inputs: Sequence[Tensor]) -> None:
    """Runs a model once, so that the verdicts of its guessed layers are known.

    Args:
        model: A private network; hooks are put on it and removed again.
        layers: Its attention layers; those of unknown verdict that are guessed are judged.
        inputs: What the model takes.
    """
    with ExitStack() as hooks, torch.no_grad():
        for layer in layers:
            if layer.guessed and not layer.verdicts:
                _try_out(layer, model.get_submodule(layer.name), hooks)
        model(*inputs)


def _try_out(layer: AttentionLayer, module: nn.Module, hooks: ExitStack) -> None:
    """Puts the hooks on a layer that judge its first call that shows something."""
    before: list[object] = []
    logits: list[Tensor] = []

    def enter(_: nn.Module, given: tuple[Any, ...], more: dict[str, Any]) -> None:
        first = first_input(given, more)
        before[:] = [first.clone() if isinstance(first, Tensor) else first]
        logits.clear()

    def take(_: nn.Module, given: tuple[Any, ...]) -> None:
        logits.extend(one.clone() for one in given[:1] if isinstance(one, Tensor))

    def leave(_: nn.Module, __: object, output: object) -> None:
        verdict = judge(layer.mechanism, module, Trial(before.pop(), logits, output))
        if verdict is not None and not layer.verdicts:
            layer.verdicts.append(verdict)

    hooks.callback(module.register_forward_pre_hook(enter, with_kwargs=True).remove)
    if layer.mechanism is not GATE:
        gate = layer.mechanism.probes(module).logits.module
        hooks.callback(gate.register_forward_pre_hook(take).remove)
    hooks.callback(module.register_forward_hook(leave).remove)
