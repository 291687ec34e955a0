"""Reads attention while a network runs; the only hooks that do."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from torch import Tensor, nn

from eca_viz.attention.discovery import AttentionLayer, find_attention
from eca_viz.attention.mechanism import Probe, Reading
from eca_viz.errors import NetworkError
from eca_viz.records import LayerAttention, as_floats


class Recorder:
    """Keeps what the attention layers compute; `records` has one entry per layer and pass."""

    def __init__(self) -> None:
        self._records: list[LayerAttention] = []
        self._pending: dict[str, list[Tensor]] = {}
        self._order = 0

    @property
    def records(self) -> tuple[LayerAttention, ...]:
        """All layers in the order of the forward pass, of several passes one after the other."""
        return tuple(self._records)

    def clear(self) -> None:
        """Deletes what has been recorded."""
        self._records.clear()
        self._start_pass()

    def _start_pass(self) -> None:
        self._pending.clear()
        self._order = 0

    def _note(self, layer: AttentionLayer, part: int, value: Tensor) -> None:
        """Keeps a copy: the network may go on to overwrite the value in place."""
        pending = self._pending.setdefault(layer.name, [])
        if part == 0:
            pending.clear()
        pending.append(value.detach().clone())
        if part == len(Reading._fields) - 1:
            self._records.append(_record(layer, self._order, Reading(*pending)))
            self._order += 1
            pending.clear()


@contextmanager
def capture(
    model: nn.Module,
    also: Sequence[str] = (),
    *,
    layers: Sequence[AttentionLayer] | None = None,
) -> Iterator[Recorder]:
    """Records every attention layer of a model while the `with` block runs.

    The hooks are on the given model and are gone after the block, also after an exception.

    >>> with capture(model) as recorder:
    ...     model(images)
    >>> recorder.records[0].weights.shape
    (8, 64)

    Args:
        model: Any network.
        also: Names of modules whose structure is not recognised but which multiply each channel
            by a factor in [0, 1]; the factor is taken from their input and output.
        layers: The model's attention layers where they are known; else they are looked for.

    Returns:
        A context that gives the recorder.

    Raises:
        NetworkError: Where the model holds no layer that is recognised or named, where a named
            module does anything else, and for a compiled model, in which hooks that are added
            later are never called.
    """
    if hasattr(model, "_orig_mod"):
        raise NetworkError(
            "got a compiled model, whose hooks would not be called; capture the model that was "
            "given to torch.compile instead"
        )
    layers = find_attention(model, also) if layers is None else layers
    if not layers:
        raise NetworkError(
            f"{type(model).__name__} holds no channel attention that is recognised; give a network "
            "with ECA or SE layers, or name the modules that scale channels in `also`"
        )
    recorder = Recorder()
    with ExitStack() as hooks:
        start = model.register_forward_pre_hook(lambda *_: recorder._start_pass())
        hooks.callback(start.remove)
        for layer in layers:
            for part, probe in enumerate(layer.mechanism.probes(layer.module)):
                hooks.callback(_hook(probe, _keeping(recorder, layer, part)))
        yield recorder


def _keeping(recorder: Recorder, layer: AttentionLayer, part: int) -> Callable[[Tensor], None]:
    return lambda value: recorder._note(layer, part, value)


def _hook(probe: Probe, keep: Callable[[Tensor], None]) -> Callable[[], None]:
    def before(module: nn.Module, inputs: Any) -> None:
        keep(inputs[0])

    def after(module: nn.Module, inputs: Any, output: Tensor) -> None:
        keep(output)

    if probe.side == "input":
        return probe.module.register_forward_pre_hook(before).remove
    return probe.module.register_forward_hook(after).remove


def _record(layer: AttentionLayer, order: int, raw: Reading) -> LayerAttention:
    descriptor, logits, weights = (
        as_floats(value.float().cpu().numpy()) for value in layer.mechanism.read(raw)
    )
    taps = layer.mechanism.taps(layer.module)
    return LayerAttention(
        layer=layer.name,
        stage=layer.stage,
        order=order,
        mechanism=layer.mechanism.name,
        channels=weights.shape[1],
        kernel_size=layer.kernel_size,
        taps=None if taps is None else as_floats(taps.float().cpu().numpy()),
        reduction=layer.reduction,
        width=layer.width,
        descriptor=descriptor,
        logits=logits,
        weights=weights,
    )
