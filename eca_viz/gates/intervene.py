"""Changes the gates of a network while it runs; the only hooks that do."""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn

from eca_viz.attention import functional
from eca_viz.attention.discovery import AttentionLayer, find_attention
from eca_viz.attention.lookalikes import (
    NO_FACTOR,
    first_input,
    judge_guess,
    scales,
    with_guesses,
)
from eca_viz.attention.mechanism import Reading
from eca_viz.attention.mechanisms.eca import CHANGED_TAPS
from eca_viz.attention.mechanisms.opaque_gate import GATE
from eca_viz.errors import GateError, NetworkError, SelectionError, UnreadAttentionWarning
from eca_viz.gates.calls import about_layer
from eca_viz.gates.change import Changes, GateChange, as_changes
from eca_viz.gates.kinds import find_kind
from eca_viz.locale.texts import text

Replace = Callable[[nn.Module, Any, Tensor], Tensor]


class _Values(NamedTuple):
    """What the gates of one layer get: values of their own, mean gates, factors; or None."""

    given: Tensor | None
    means: Tensor | None
    factors: Tensor | None


@contextmanager
def intervene(
    model: nn.Module,
    changes: Changes = (),
    *,
    gates: Mapping[str, ArrayLike] | None = None,
    reference: Mapping[str, ArrayLike] | None = None,
    factors: Mapping[str, ArrayLike] | None = None,
    layers: Sequence[AttentionLayer] | None = None,
) -> Iterator[None]:
    """Changes the gates of a model's attention layers while the `with` block runs.

    The hooks are on the given model and are gone after the block, also after an exception.
    Where it is used together with `capture`, start `intervene` first, so that the changed gates
    are recorded.

    >>> with eca_viz.intervene(model, "layer4:ones"):
    ...     changed = model(images)

    Args:
        model: Any network with attention layers.
        changes: Texts such as "all:ones", "layer4:shuffle=3" or "layer4.1.eca:channel=17,0" (see
            eca_viz.gates.kinds.KINDS), applied in their order.
        gates: Numbers, (C,) or (N, C), that the gates of layers, by name, get before the changes.
        reference: Mean gates (C,) of each layer by name, for the change "reference"; a gate whose
            mean is NaN stays as it is.
        factors: Numbers in [0, 1], (C,) or (N, C), by which the gates of layers, by name, are
            multiplied after the changes.
        layers: The model's attention layers where they are known; else they are looked for, and
            what only looks like attention is changed where its output is its input times a factor
            for each channel.

    Raises:
        GateError: Where a change is unknown or does not fit the model.
        SelectionError: Where a change names a layer or stage that the model does not have.
    """
    wanted = as_changes(changes)
    if layers is None:
        layers, _ = with_guesses(model, find_attention(model))
    layers = [layer for layer in layers if not layer.unread]
    given = {name: _numbers(name, values) for name, values in (gates or {}).items()}
    means = {name: torch.as_tensor(values).detach() for name, values in (reference or {}).items()}
    scales = {name: _shares(name, values) for name, values in (factors or {}).items()}
    _check_places(model, layers, wanted, [*given, *scales])
    lonely = all(layer.guessed for layer in layers)
    with ExitStack() as hooks:
        for layer in layers:
            hooks.callback(functional.install(layer.module))
            mine = [change for change in wanted if change.matches(layer)]
            _rewire(layer, mine, hooks)
            values = _Values(given.get(layer.name), means.get(layer.name), scales.get(layer.name))
            changed = any(find_kind(one.kind).weights for one in mine)
            if changed or values.given is not None or values.factors is not None:
                replace = _replacing(layer, mine, values)
                if layer.by_output:
                    named = lonely or any(change.where == layer.name for change in mine)
                    _scale_anew(layer, replace, hooks, named=named)
                    continue
                probe = layer.mechanism.probes(layer.module).weights
                hooks.callback(probe.module.register_forward_hook(replace).remove)
        yield


def _numbers(name: str, values: ArrayLike) -> Tensor:
    tensor = torch.as_tensor(values).detach()
    if not (tensor.is_floating_point() and bool(tensor.isfinite().all())):
        raise GateError(text("got gates for {layer} that are not all finite numbers", layer=name))
    return tensor


def _shares(name: str, values: ArrayLike) -> Tensor:
    tensor = _numbers(name, values)
    if not bool(((tensor >= 0) & (tensor <= 1)).all()):
        raise GateError(
            text("got factors for {layer} that are not all numbers between 0 and 1", layer=name)
        )
    return tensor


def _check_places(
    model: nn.Module,
    layers: Sequence[AttentionLayer],
    changes: Sequence[GateChange],
    gates: Sequence[str],
) -> None:
    if not layers:
        raise GateError(
            text(
                "{model} holds no channel attention that is recognised, so there are no gates to "
                "change",
                model=type(model).__name__,
            )
        )
    stages = list(dict.fromkeys(layer.stage for layer in layers))
    names = [layer.name for layer in layers]
    for change in changes:
        if not any(change.matches(layer) for layer in layers):
            raise SelectionError(
                text(
                    "got {change}, but there is no layer or stage {where!r}; stages: {stages}; "
                    "layers: {layers}",
                    change=str(change),
                    where=change.where,
                    stages=", ".join(stages),
                    layers=", ".join(names),
                )
            )
    for name in gates:
        if name not in names:
            raise SelectionError(
                text(
                    "got gates for {layer!r}; the layers are {layers}",
                    layer=name,
                    layers=", ".join(names),
                )
            )


def _rewire(layer: AttentionLayer, changes: Sequence[GateChange], hooks: ExitStack) -> None:
    rewiring = [change for change in changes if find_kind(change.kind).rewire]
    if len(rewiring) > 1:
        raise GateError(
            text(
                "got {changes} for {layer}; a layer's arithmetic can be changed in one way at a "
                "time",
                changes=" and ".join(map(str, rewiring)),
                layer=layer.name,
            )
        )
    rewire = find_kind(rewiring[0].kind).rewire if rewiring else None
    named = any(change.where == layer.name for change in rewiring)
    if rewire is None or (layer.guessed and not layer.verdicts and not named):
        return
    if layer.of_unknown_formula:
        raise GateError(
            text(
                "got {change} for {layer}, whose formula is not known; change its gates instead, "
                "as {layer}:ones does",
                change=str(rewiring[0]),
                layer=layer.name,
            )
        )
    if layer.by_output:
        raise GateError(
            text(
                "got {change} for {layer}, whose mechanism {mechanism} cannot be changed inside; "
                "change its gates instead, as {layer}:ones does",
                change=str(rewiring[0]),
                layer=layer.name,
                mechanism=layer.mechanism.title,
            )
        )
    first, last, taps = rewire(layer, rewiring[0].parameters)
    mixing = layer.mechanism.mixing(layer.module)
    if taps is not None:
        setattr(mixing.first, CHANGED_TAPS, taps)
        hooks.callback(delattr, mixing.first, CHANGED_TAPS)
    if mixing.first is mixing.last:
        _replace_forward(mixing.first, lambda y: last(first(y)), hooks)
    else:
        _replace_forward(mixing.first, first, hooks)
        _replace_forward(mixing.last, last, hooks)


def _replace_forward(
    module: nn.Module, forward: Callable[[Tensor], Tensor], hooks: ExitStack
) -> None:
    """Not by a hook: other hooks of the module still get y and z in the channels' own order."""
    module.forward = forward
    hooks.callback(delattr, module, "forward")


def _replacing(
    layer: AttentionLayer,
    changes: Sequence[GateChange],
    values: _Values,
) -> Replace:
    given, means, factors = values

    def replace(module: nn.Module, inputs: Any, output: Tensor) -> Tensor:
        # Of one image some layers squeeze the batch away.
        weights = output[None] if output.ndim == 1 else output.flatten(1)
        if given is not None:
            weights = _fitting(given, weights, layer)
        for change in changes:
            apply = find_kind(change.kind).weights
            if apply is not None:
                reference = None if means is None else _fitting(means, weights, layer)
                weights = apply(weights, change.parameters, reference)
        if factors is not None:
            weights = weights * _fitting(factors, weights, layer)
        if output.requires_grad and not weights.requires_grad:
            # DeepLift needs a graph behind every gate, of constants too.
            weights = weights + 0 * output.reshape(weights.shape)
        return weights.reshape(output.shape if output.ndim == 1 else (-1, *output.shape[1:]))

    return replace


def _scale_anew(layer: AttentionLayer, replace: Replace, hooks: ExitStack, *, named: bool) -> None:
    """A module that is known by its input and output alone gives its input times other gates.

    One that is guessed, and does something else, is left as it is; with a warning if it was named,
    or there is no other layer.
    """
    given: list[object] = []

    def keep(module: nn.Module, inputs: tuple[Any, ...], more: dict[str, Any]) -> None:
        first = first_input(inputs, more)
        # A copy, since the module may overwrite its input.
        given[:] = [first.clone() if isinstance(first, Tensor) else first]

    def scale(module: nn.Module, inputs: Any, output: Tensor) -> Tensor | None:
        x = given.pop()
        if not isinstance(x, Tensor) or (layer.guessed and _guessed_wrongly(layer, x, output)):
            if named:
                sentence = text("{layer} is left as it is: {why}", layer=layer.name, why=NO_FACTOR)
                warnings.warn(sentence, UnreadAttentionWarning, stacklevel=2)
            return None
        try:
            weights = GATE.read(module, Reading(x, output, output)).weights
        except NetworkError as error:
            raise NetworkError(about_layer(layer, error)) from None
        shape = (*weights.shape, *[1] * (x.ndim - 2))
        return x * replace(module, inputs, weights.to(x)).nan_to_num().reshape(shape)

    hooks.callback(layer.module.register_forward_pre_hook(keep, with_kwargs=True).remove)
    hooks.callback(layer.module.register_forward_hook(scale).remove)


def _guessed_wrongly(layer: AttentionLayer, given: Tensor, output: object) -> bool:
    """Whether a guessed layer does something else than what a pass has shown, or would show."""
    if layer.verdicts:
        return not scales(given, output)
    verdict = judge_guess(given, output)
    return verdict is None or verdict.verified == "none"


def _fitting(values: Tensor, weights: Tensor, layer: AttentionLayer) -> Tensor:
    """Values as (N, C) or (1, C) of the kind of `weights`; raises GateError for other shapes."""
    rows = values.to(weights)
    rows = rows[None] if rows.ndim == 1 else rows
    if rows.ndim != 2 or rows.shape[1] != weights.shape[1] or len(rows) not in {1, len(weights)}:
        raise GateError(
            text(
                "got gates of the shape {shape} for {layer}; it has {channels} channels",
                shape=tuple(values.shape),
                layer=layer.name,
                channels=weights.shape[1],
            )
        )
    return rows.expand_as(weights)
