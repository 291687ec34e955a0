"""What one call of an attention layer showed: its verdict, its reading and its record."""

from itertools import chain

import torch
from torch import Tensor

from eca_viz.attention.discovery import AttentionLayer
from eca_viz.attention.lookalikes import scales
from eca_viz.attention.mechanism import Pooling, Reading
from eca_viz.attention.mechanisms.opaque_gate import GATE
from eca_viz.attention.trial import Trial, read_by_formula
from eca_viz.attention.verification import (
    Call,
    Given,
    Output,
    Verdict,
    conclusive,
    rewired,
    verify,
)
from eca_viz.errors import NetworkError
from eca_viz.locale.texts import Text, text
from eca_viz.records import Floats, LayerAttention, as_floats


class Pending:
    """What one call of a layer has shown so far; tensors are copies.

    Where the call is to be verified, `value` is its input itself, until the call ends, and `given`
    and `output` what is compared. `home` is where the layer's own weights are: a copy of the layer
    may run on another device.
    """

    def __init__(self, home: torch.device) -> None:
        self.home = home
        self.value: Tensor | None = None
        self.given: Given | None = None
        self.output: Output | None = None
        self.descriptors: list[Tensor] = []
        self.poolings: tuple[Pooling, ...] = ()
        self.logits: list[Tensor] = []
        self.own: list[Tensor] = []
        self.weights: list[Tensor] = []

    def leave(self, output: object) -> None:
        """The call has ended, with its output."""
        self.value = None
        if self.given is not None and isinstance(output, Tensor):
            self.output = Output.of(output.detach().to(self.home), self.given)


def home_of(layer: AttentionLayer, given: Tensor) -> torch.device:
    """Where a layer's own weights are; without any where its input is."""
    own = chain(layer.module.parameters(), layer.module.buffers())
    return next((one.device for one in own), given.device)


def reading_of(layer: AttentionLayer, pending: Pending, *, maximum_first: bool) -> Reading | None:
    """What the probes of a layer showed.

    Args:
        layer: One that is known by its structure, or named.
        pending: What its call showed.
        maximum_first: Whether it takes the maximum before the average.

    Returns:
        Tensors (N, C); None where the probes did not all show one thing.
    """
    once = len(pending.logits) == len(pending.weights) == len(pending.own) == 1
    if not (once and 1 <= len(pending.descriptors) <= 2):
        return None
    first, *more = pending.descriptors[:: -1 if maximum_first else 1]
    read = _read(layer, first, pending)
    for maximum in more:
        other = _read(layer, maximum, pending)
        read = read._replace(second=other.descriptor)
    return read


def trial_of(pending: Pending) -> Trial:
    """What a call of a guessed layer showed, where its weights are."""
    before, own = (
        values[0].to(pending.home) if values else None
        for values in (pending.descriptors, pending.own)
    )
    return Trial(before, [one.to(pending.home) for one in pending.logits], own)


def guessed_reading(layer: AttentionLayer, pending: Pending, verdict: Verdict) -> Reading | None:
    """What the input and output of a guessed layer showed.

    Args:
        layer: The layer.
        pending: What its call showed.
        verdict: What is known of it.

    Returns:
        Tensors (N, C), NaN where the call did something else than before; None without an input
        and an output.
    """
    if not (pending.descriptors and pending.weights):
        return None
    first, after = pending.descriptors[0], pending.weights[0]
    if verdict.verified == "formula":
        trial, changed = trial_of(pending), after.to(pending.home)
        found = read_by_formula(verdict.mechanism, layer.module, trial, changed)
        return _unknown(first) if found is None else found
    if not scales(first, after):
        return _unknown(first)
    return GATE.read(layer.module, Reading(first, after, after))


def _unknown(given: Tensor) -> Reading:
    """The reading of a call in which a guessed layer did something else: no gate is known."""
    mean = given.float().flatten(2).mean(2)
    nothing = torch.full_like(mean, torch.nan)
    return Reading(mean, nothing, nothing)


def _read(layer: AttentionLayer, descriptor: Tensor, pending: Pending) -> Reading:
    raw = Reading(descriptor, pending.logits[0], pending.weights[0])
    try:
        return layer.mechanism.read(layer.module, raw)
    except NetworkError as error:
        raise NetworkError(about_layer(layer, error)) from None


def about_layer(layer: AttentionLayer, error: NetworkError) -> Text:
    """The sentence of an error that holds a clause with the layer as its subject."""
    return text("{layer} {clause}", layer=layer.name or text("the network"), clause=error.args[0])


def judge_reading(layer: AttentionLayer, pending: Pending, reading: Reading | None) -> Verdict:
    """Verifies the first call of a layer; what holds for later calls too is kept in the layer.

    Args:
        layer: One that is known by its structure, or named.
        pending: What its call showed.
        reading: The same as a reading, None where that is not one.
    """
    if reading is None or pending.given is None or pending.output is None:
        # Translators: the layer is the subject.
        doubt = text("did not compute one descriptor and one set of factors")
        layer.verdicts.append(Verdict("none", layer.mechanism, "other", doubt))
        return layer.verdicts[0]
    own = reading.weights if layer.by_output else pending.own[0].flatten(1)
    replaced = not layer.by_output and rewired(layer.mechanism, layer.module)
    call = Call(pending.given, pending.poolings, reading, own, pending.output, replaced)
    with torch.no_grad():
        verdict = verify(layer.mechanism, layer.module, call)
    if conclusive(verdict, call):
        layer.verdicts.append(verdict)
    return verdict


def record_of(
    layer: AttentionLayer, order: int, raw: Reading, verdict: Verdict, given: Given | None
) -> LayerAttention:
    """The record of a call.

    Args:
        layer: The layer.
        order: Its place in the pass, from 0.
        raw: What was read.
        verdict: What held of that.
        given: Its input, where that was compared.
    """
    known = verdict.verified == "formula"
    descriptor, logits, weights, _ = raw
    if not known and given is not None and not layer.by_output:
        descriptor = given.average
    mechanism = verdict.mechanism
    taps = mechanism.taps(layer.module)
    return LayerAttention(
        layer=layer.name,
        stage=layer.stage,
        order=order,
        mechanism=mechanism.name,
        channels=weights.shape[1],
        kernel_size=None if taps is None or not known else len(taps),
        taps=None if taps is None else _floats(taps),
        reduction=layer.reduction if known else None,
        width=layer.width,
        descriptor=_floats(descriptor),
        logits=_floats(logits),
        weights=_floats(weights),
        verified="formula" if known else "weights",
        pooling=verdict.pooling,
        maximum=_second("maximum", raw, verdict),
        deviation=_second("deviation", raw, verdict),
        doubt=verdict.doubt,
    )


def _second(pooling: Pooling, reading: Reading, verdict: Verdict) -> Floats | None:
    """The second descriptor of a reading where it is of this kind."""
    if verdict.verified != "formula" or reading.second is None or pooling not in verdict.poolings:
        return None
    return _floats(reading.second)


def _floats(value: Tensor) -> Floats:
    return as_floats(value.detach().float().cpu().numpy())
