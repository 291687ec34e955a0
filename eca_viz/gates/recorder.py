"""What is kept of the attention layers while a network runs, and whether it was read rightly."""

import threading
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import torch
from torch import Tensor

from eca_viz.attention.discovery import AttentionLayer
from eca_viz.attention.lookalikes import failed_guesses, judge_guess, unread
from eca_viz.attention.trial import judge
from eca_viz.attention.verification import Given, Verdict, pooling_of
from eca_viz.gates.calls import (
    Pending,
    guessed_reading,
    home_of,
    judge_reading,
    reading_of,
    record_of,
    trial_of,
)
from eca_viz.gates.running import RunningGates
from eca_viz.locale.texts import Text, text
from eca_viz.records import GateSummary, LayerAttention
from eca_viz.records.display import drawn


class _OfThread(threading.local):
    """What runs in one thread: the calls that have begun, by layer, and those that have ended.

    What ended calls showed is looked at together at the end of the pass: right after a convolution
    the processor would have to fetch all that it needs for that anew, which takes longer.

    A pass begins in a thread with the captured model itself, or elsewhere, where the model only
    sends its parts into threads.
    """

    def __init__(self) -> None:
        self.pending: dict[str, Pending] = {}
        self.ended: list[tuple[AttentionLayer, Pending]] = []
        self.begins_here = False
        self.number = 0  # of the pass
        self.order = 0


class Recorder:
    """Keeps what the attention layers compute; `records` has one entry per layer and pass.

    Each layer's reading is verified in the first pass; `unread` has a sentence for each layer
    that was found and could not be read, and one for all modules that look like attention.
    Copies of a model may run in several threads at once, as under `nn.DataParallel`: each gives
    records of its part of the batch.
    """

    def __init__(
        self, lookalikes: Mapping[str, str] = MappingProxyType({}), *, records: bool = True
    ) -> None:
        self._lookalikes = dict(lookalikes)
        self._keeps_records = records
        self._records: list[LayerAttention] = []
        self._running: dict[str, RunningGates] = {}
        self._lock = threading.Lock()  # around what all threads change
        self._of_thread = _OfThread()
        self._last = 0  # records before the last pass
        self._number = 0  # of the last pass
        self._verdicts: dict[str, Verdict] = {}
        self._silent: tuple[str, ...] = ()
        self._guesses: tuple[AttentionLayer, ...] = ()

    @property
    def records(self) -> tuple[LayerAttention, ...]:
        """All layers in the order of the forward pass, of several passes one after the other."""
        self._look()
        return tuple(self._records)

    @property
    def unread(self) -> tuple[Text, ...]:
        """What looks like channel attention and is in no record, one sentence each."""
        self._look()
        guesses = {layer.name for layer in self._guesses}
        found = [
            text(
                "{layer} {doubt}; it is not shown, but `also` reads a module whose output is its "
                "input times one factor for each channel",
                layer=name,
                doubt=verdict.doubt,
            )
            for name, verdict in self._verdicts.items()
            if verdict.verified == "none" and name not in guesses
        ]
        found += [
            text("{layer} was found and did not run; it is not shown", layer=name)
            for name in self._silent
        ]
        return (*found, *unread({**self._lookalikes, **failed_guesses(self._guesses)}))

    @property
    def read_any(self) -> bool:
        """Whether a layer has been read."""
        self._look()
        return any(verdict.verified != "none" for verdict in self._verdicts.values())

    def _repr_html_(self) -> str:
        """The layers of the last pass."""
        return str(drawn("export.notebook", "attention_html", self.records[self._last :]))

    def statistics(self) -> dict[str, GateSummary]:
        """Mean, spread and saturation of every layer over all passes since the start or `clear`.

        The numbers of up to 64 passes wait on the device that computes the gates, so that it is
        not waited for in every pass.

        >>> model.train()
        >>> with capture(model, records=False) as recorder:
        ...     for step, (images, labels) in enumerate(batches):
        ...         train_step(model, images, labels)
        ...         if step % 100 == 99:
        ...             for layer, gates in recorder.statistics().items():
        ...                 writer.add_scalar(f"gates/{layer}/mean", gates.mean, step)
        ...                 writer.add_scalar(f"gates/{layer}/sd", gates.sd, step)
        ...             recorder.clear()

        `writer` is a TensorBoard SummaryWriter; W&B takes the same floats in `wandb.log`.

        Returns:
            A summary for each layer by its name, in the order of the forward pass.
        """
        self._look()
        with self._lock:
            return {name: running.summary() for name, running in self._running.items()}

    def clear(self) -> None:
        """Deletes what has been recorded."""
        self._look()
        with self._lock:
            self._records.clear()
            self._running.clear()
            self._last = 0

    def _start_pass(self) -> None:
        self._look()
        with self._lock:
            self._last = len(self._records)
            self._number += 1
        thread = self._of_thread
        thread.pending.clear()
        thread.begins_here, thread.order = True, 0

    def _end_pass(self, layers: Sequence[AttentionLayer]) -> None:
        self._look()
        self._guesses = tuple(one for one in layers if one.guessed)
        self._silent = tuple(
            one.name for one in layers if one.name not in self._verdicts and not one.guessed
        )

    def _enter(self, layer: AttentionLayer, value: Tensor) -> None:
        """A layer begins, with its input."""
        known = self._verdict(layer)
        if known is not None and known.verified == "none":
            return
        if layer.guessed and not value.is_floating_point():
            self._judged(layer, judge_guess(value, value))
            return
        shown = self._keeps_records and known is not None and known.verified == "weights"
        needed = not layer.by_output and (known is None or shown)
        needed = needed or (known is None and value.is_floating_point())
        # A copy of the layer, on another device, runs in a thread in which no pass begins.
        thread = self._of_thread
        home = value.device if thread.begins_here else home_of(layer, value)
        pending = thread.pending[layer.name] = Pending(home)
        if needed:
            pending.value = value.detach().to(home)
            pending.given = Given.of(pending.value)

    def _verdict(self, layer: AttentionLayer) -> Verdict | None:
        """What is known of the layer's reading for good, from this capture or an earlier one."""
        if not layer.verdicts:
            return None
        self._verdicts[layer.name] = layer.verdicts[0]
        return layer.verdicts[0]

    def _take(self, layer: AttentionLayer, part: str, value: object) -> None:
        """A value at one of a layer's probes: `descriptors`, `logits`, `own` or `weights`."""
        pending = self._of_thread.pending.get(layer.name)
        if pending is None or not isinstance(value, Tensor):
            return
        values: list[Tensor] = getattr(pending, part)
        # Of one image some layers squeeze the batch away.
        rows = (value[None] if value.ndim == 1 else value).detach()
        values.append((rows if pending.given is None else rows.to(pending.home)).clone())
        if part != "descriptors" or layer.by_output:
            return
        if pending.given is not None and pending.value is not None:
            descriptor = layer.mechanism.descriptor(layer.module, values[-1])
            pooling = pooling_of(pending.value, pending.given, descriptor, layer.module)
            pending.poolings += (pooling,)

    def _leave(self, layer: AttentionLayer, output: object) -> None:
        """A layer ends: what it computed waits for the end of the pass, or is looked at."""
        thread = self._of_thread
        pending = thread.pending.pop(layer.name, None)
        if pending is None:
            return
        pending.leave(output)
        thread.ended.append((layer, pending))
        # Other threads end no pass. Without a known structure whole feature maps would wait, and
        # outside of autocast the layer may not compute with what it computed with inside.
        precise = not torch.is_autocast_enabled(pending.home.type)
        if not (thread.begins_here and precise) or layer.by_output:
            self._look()

    def _look(self) -> None:
        """Verifies each ended call of this thread whose layer is not known yet, and keeps it."""
        ended, self._of_thread.ended = self._of_thread.ended, []
        for layer, pending in ended:
            self._keep(layer, pending)

    def _keep(self, layer: AttentionLayer, pending: Pending) -> None:
        with self._lock:
            verdict = self._verdict(layer)
            if layer.guessed and verdict is None:
                verdict = self._judge_guess(layer, pending)
                if verdict is None:
                    return
            first = pending.poolings if verdict is None else verdict.poolings
            if layer.guessed and verdict is not None:
                reading = guessed_reading(layer, pending, verdict)
            else:
                reading = reading_of(layer, pending, maximum_first=first[:1] == ("maximum",))
            if verdict is None:
                verdict = self._verdicts[layer.name] = judge_reading(layer, pending, reading)
            if reading is None or verdict.verified == "none":
                return
            running = self._running.setdefault(layer.name, RunningGates(layer.name))
            running.add(reading.weights)
            if self._keeps_records:
                order = self._next_order()
                self._records.append(record_of(layer, order, reading, verdict, pending.given))

    def _judge_guess(self, layer: AttentionLayer, pending: Pending) -> Verdict | None:
        """What the first call shows for good; None where the layer cannot be read, or not yet."""
        verdict = judge(layer.mechanism, layer.module, trial_of(pending))
        self._judged(layer, verdict)
        return None if verdict is None or verdict.verified == "none" else verdict

    def _judged(self, layer: AttentionLayer, verdict: Verdict | None) -> None:
        if verdict is not None:
            layer.verdicts.append(verdict)
            self._verdicts[layer.name] = verdict

    def _next_order(self) -> int:
        thread = self._of_thread
        if not thread.begins_here and thread.number != self._number:
            thread.number, thread.order = self._number, 0
        thread.order += 1
        return thread.order - 1
