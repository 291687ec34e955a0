"""Reads attention while a network runs; the only hooks that do."""

import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from eca_viz.attention import functional
from eca_viz.attention.discovery import AttentionLayer, find_attention
from eca_viz.attention.lookalikes import first_input, unread, with_guesses
from eca_viz.attention.mechanism import Probe
from eca_viz.errors import NetworkError, UnreadAttentionWarning
from eca_viz.gates.one_thread import held_by_one_thread
from eca_viz.gates.recorder import Recorder
from eca_viz.locale.texts import Text, text


@contextmanager
def capture(
    model: nn.Module,
    also: Sequence[str] = (),
    *,
    layers: Sequence[AttentionLayer] | None = None,
    records: bool = True,
) -> Iterator[Recorder]:
    """Records every attention layer of a model while the `with` block runs.

    The hooks are on the given model and are gone after the block, also after an exception. It is
    not safe to capture one model, or parts that two models share, in several threads at once, which
    raises; copies that one model sends parts of a batch to, as `nn.DataParallel`, are.

    >>> with eca_viz.capture(model) as recorder:
    ...     output = model(images)
    >>> recorder.records[0].weights.shape
    (8, 64)

    A model is compiled inside the block, by `torch.compile(model)`; with `import torch._dynamo`
    before the block, the hooks are left out of what is compiled, which saves time.

    Args:
        model: Any network.
        also: Names of modules that multiply each channel by one factor, which is taken from their
            input and output whatever their structure; what looks like attention is tried anyway.
        records: Whether `records` is kept, copied to the CPU in every pass. Without, as for a
            training run, `statistics()` has a few numbers of each layer.
        layers: The model's attention layers where they are known; else they are looked for, and
            a warning names what looks like attention and is not read.

    Returns:
        A context that gives the recorder.

    Warns:
        UnreadAttentionWarning: After the first pass, for a layer that was found and whose numbers
            are not what it does, and for modules that only look like attention.

    Raises:
        NetworkError: Where the model holds no layer that is recognised or named, where a named
            module does anything else, where another thread captures the model, and for a compiled
            model, in which hooks that are added later are never called.
    """
    if hasattr(model, "_orig_mod"):
        raise NetworkError(
            text(
                "got a compiled model, whose hooks would not be called; capture the model that "
                "was given to torch.compile instead"
            )
        )
    known = layers is not None
    alike: dict[str, str] = {}
    if layers is None:
        layers, alike = with_guesses(model, find_attention(model, also))
    if not layers:
        raise NetworkError(_nothing(model, unread(alike)))
    recorder = Recorder(alike, records=records)
    with ExitStack() as hooks:
        modules = (model, *(layer.module for layer in layers))
        hooks.enter_context(held_by_one_thread(modules, type(model).__name__))
        for layer in layers:
            hooks.callback(functional.install(layer.module))
        start = model.register_forward_pre_hook(_uncompiled(lambda *_: recorder._start_pass()))
        hooks.callback(start.remove)
        for layer in layers:
            _listen(recorder, layer, hooks)
        end = model.register_forward_hook(_uncompiled(_ending(recorder, layers, quiet=known)))
        hooks.callback(end.remove)
        yield recorder


def _nothing(model: nn.Module, why: Sequence[Text]) -> Text:
    name = type(model).__name__
    if not why:
        return text(
            "{model} holds no channel attention that is recognised; give a network with ECA or SE "
            "layers, or name the modules that scale channels in `also`",
            model=name,
        )
    return text(
        "{model} holds no channel attention that is recognised; {why}", model=name, why=why[0]
    )


def _ending(
    recorder: Recorder, layers: Sequence[AttentionLayer], *, quiet: bool
) -> Callable[..., None]:
    """Ends a pass; after the first it warns of what was not read."""
    told = quiet

    def end(model: nn.Module, *_: object) -> None:
        nonlocal told
        recorder._end_pass(layers)
        if told:
            return
        told = True
        sentences = recorder.unread
        if not recorder.read_any and all(layer.guessed for layer in layers):
            sentences = (_nothing(model, sentences),)
        for sentence in sentences:
            warnings.warn(sentence, UnreadAttentionWarning, stacklevel=2)

    return end


def _listen(recorder: Recorder, layer: AttentionLayer, hooks: ExitStack) -> None:
    """Puts the hooks on a layer; those that begin and end its call are the outermost."""

    def enter(module: nn.Module, inputs: tuple[Any, ...], more: dict[str, Any]) -> None:
        value = next((v for v in (*inputs, *more.values()) if isinstance(v, Tensor)), None)
        if value is not None:
            recorder._enter(layer, value)

    def take(part: str) -> Callable[[object], None]:
        return lambda value: recorder._take(layer, part, value)

    probes = layer.mechanism.probes(layer.module)
    begin = layer.module.register_forward_pre_hook(_uncompiled(enter), with_kwargs=True)
    hooks.callback(begin.remove)
    hooks.callback(_hook(probes.descriptor, take("descriptors")))
    hooks.callback(_hook(probes.logits, take("logits")))
    hooks.callback(_hook(probes.weights, take("own"), prepend=True))
    hooks.callback(_hook(probes.weights, take("weights")))
    finish = layer.module.register_forward_hook(
        _uncompiled(lambda *call: recorder._leave(layer, call[2]))
    )
    hooks.callback(finish.remove)


def _hook(
    probe: Probe, keep: Callable[[object], None], *, prepend: bool = False
) -> Callable[[], None]:
    def before(module: nn.Module, inputs: tuple[Any, ...], more: dict[str, Any]) -> None:
        keep(first_input(inputs, more))

    def after(module: nn.Module, inputs: Any, output: object) -> None:
        keep(output)

    if probe.side == "input":
        return probe.module.register_forward_pre_hook(_uncompiled(before), with_kwargs=True).remove
    return probe.module.register_forward_hook(_uncompiled(after), prepend=prepend).remove


def _uncompiled(hook: Callable[..., None]) -> Callable[..., None]:
    """A hook that a compiled model calls as it is, instead of compiling it with the model.

    Where the compiler is not imported yet, which takes seconds, the hook stays as it is: then it is
    compiled, with the same results.
    """
    if "torch._dynamo" not in sys.modules:
        return hook
    left_out: Callable[..., None] = torch.compiler.disable(hook)  # type: ignore[no-untyped-call]
    return left_out
