"""Whether what was read of an attention layer is what the layer computed, in one forward pass."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn

from eca_viz.attention.mechanism import Mechanism, Pooling, Reading
from eca_viz.attention.mechanisms.opaque_gate import GATE
from eca_viz.attention.registry import on_both
from eca_viz.locale.texts import Text, text

Verified = Literal["formula", "weights", "none"]

TOLERANCE = 1e-4

# Translators: the layer is the subject.
BY_OUTPUT = text("is known by its input and output alone")
# Translators: the layer is the subject.
OTHER_FACTORS = text("does not compute its factors from the logits that were read")


@dataclass(frozen=True, eq=False)
class Given:
    """What is compared of the input of one call of a layer after the call.

    Attributes:
        shape: Of the input (N, C, …).
        average: Its mean over all positions (N, C).
        pixels: Its values at some positions (N, C, n).
    """

    shape: torch.Size
    average: Tensor
    pixels: Tensor

    @classmethod
    def of(cls, value: Tensor) -> "Given | None":
        """What is kept of an input, None where it has no channels."""
        if value.ndim < 2:
            return None
        average = _over_positions(value, "mean") if value.ndim > 2 else value.clone()
        return cls(value.shape, average, pixels(value).clone())


@dataclass(frozen=True, eq=False)
class Output:
    """What is compared of the output of one call of a layer.

    Attributes:
        shape: Of the output.
        values: Those at the positions of `Given.pixels` (N, C, n) where it is shaped as the input,
            all where it has as many as the gates, else none.
    """

    shape: torch.Size
    values: Tensor | None

    @classmethod
    def of(cls, value: Tensor, given: Given) -> "Output":
        """What is kept of an output."""
        if value.shape == given.shape:
            return cls(value.shape, pixels(value).clone())
        few = value.numel() == given.average.numel()
        return cls(value.shape, value.clone() if few else None)


class Call(NamedTuple):
    """What one call of a layer showed.

    `own` are the gates before anything changed them, `reading` those that took effect. `rewired`
    says whether the layer's arithmetic was replaced, as `intervene` does.
    """

    given: Given
    poolings: Sequence[Pooling]
    reading: Reading
    own: Tensor
    output: Output
    rewired: bool = False


class Verdict(NamedTuple):
    """What held of a layer's reading: its formula, its gates alone, or nothing, and why.

    `mechanism` is what the layer turned out to be, `pooling` what its descriptor is; `doubt` is
    a clause with the layer as its subject, a Text, empty where the formula holds. `poolings` are
    those of all its descriptors in the order in which it takes them.
    """

    verified: Verified
    mechanism: Mechanism
    pooling: Pooling
    doubt: str = ""
    poolings: tuple[Pooling, ...] = ()


def pixels(value: Tensor) -> Tensor:
    """A feature map (N, C, …) at its first and its middle position, (N, C, 2); a view mostly."""
    if value.ndim == 2:
        return value[..., None]
    middle = 0
    for side in value.shape[2:]:
        middle = middle * side + side // 2
    return value.flatten(2)[..., :: middle or 1][..., :2]


def varies(value: Tensor) -> bool:
    """Whether a feature map (N, C, …) differs between positions."""
    return not close(pixels(value)[..., 0], _over_positions(value, "mean"))


def pooling_of(value: Tensor, given: Given, descriptor: Tensor, module: nn.Module) -> Pooling:
    """What a layer's descriptor (N, C) is of its input, found by comparison.

    Args:
        value: The input, not yet overwritten.
        given: What is kept of it.
        descriptor: What the layer made of it.
        module: The layer, which holds the weights of a discrete cosine transform if it has one.
    """
    if close(descriptor, given.average):
        return "average"
    maximum = _over_positions(value, "amax")
    if close(descriptor, maximum):
        return "maximum"
    if close(descriptor, (given.average + maximum) / 2):
        return "half of each"
    filters = [one for one in module.buffers() if one.ndim == 3 and value.ndim == 4]
    for weight in filters:
        if len(weight) == value.shape[1]:
            size = (weight.shape[1], weight.shape[2])
            fitted = nn.functional.adaptive_avg_pool2d(value, size)
            if close(descriptor, (fitted * weight).sum((2, 3))):
                return "DCT"
    return "other"


def verify(mechanism: Mechanism, module: nn.Module, call: Call) -> Verdict:
    """Compares a call of a layer with what the mechanism says of it.

    Numbers are equal to 1e-4 of the largest, in half precision to four of its steps.

    Args:
        mechanism: The one that recognises the layer.
        module: The layer.
        call: What a call of it showed.
    """
    reading, pooling = call.reading, call.poolings[0] if call.poolings else "other"
    shape, expected = tuple(reading.weights.shape), tuple(call.given.average.shape)
    if shape != expected:
        return Verdict(
            "none",
            mechanism,
            pooling,
            # Translators: the layer is the subject.
            text(
                "gave factors of the shape {shape} for {images} × {channels} channels",
                shape=shape,
                images=expected[0],
                channels=expected[1],
            ),
        )
    if not _scales(call):
        return Verdict(
            "none",
            mechanism,
            pooling,
            # Translators: the layer is the subject.
            text("gave something else than its input times its factors"),
        )
    if mechanism is GATE:
        return Verdict("weights", GATE, "average", BY_OUTPUT)
    found = mechanism
    if len(call.poolings) == 2:
        both = on_both(mechanism) if set(call.poolings) == {"average", "maximum"} else None
        if both is None:
            return Verdict(
                "weights",
                GATE,
                "average",
                # Translators: the layer is the subject.
                text("takes two descriptors in a way that is not known"),
            )
        found, pooling = both, "average"
    doubt = _doubt(found, module, call, pooling)
    if doubt:
        return Verdict("weights", GATE, "average", doubt)
    return Verdict("formula", found, pooling, poolings=tuple(call.poolings))


def conclusive(verdict: Verdict, call: Call) -> bool:
    """Whether a verdict holds for later calls too.

    Not after a feature map that is the same everywhere, whose average is its maximum, nor where
    numbers are not finite, gates were changed or the layer was rewired.

    Args:
        verdict: What `verify` gave.
        call: The call that was verified.
    """
    given, reading = call.given, call.reading
    values = (reading.logits, given.average)
    if not all(isfinite(_largest(one)) for one in values if one.numel()):
        return False
    flat = len(given.shape) > 2 and close(given.pixels[..., 0], given.average)
    known = verdict.verified != "formula" or not call.rewired
    return known and not flat and close(call.own, reading.weights)


def rewired(mechanism: Mechanism, module: nn.Module) -> bool:
    """Whether `intervene` replaces the arithmetic of a layer whose inside is known."""
    return "forward" in vars(mechanism.mixing(module).first)


def close(one: Tensor, other: Tensor) -> bool:
    """Whether two tensors are equal to the tolerance; numbers that are not finite count as 0."""
    if one.shape != other.shape:
        return False
    if not one.numel() or (one.dtype == other.dtype and torch.equal(one, other)):
        return True
    tolerance = TOLERANCE
    if not one.dtype == other.dtype == torch.float32:
        steps = max(torch.finfo(one.dtype).eps, torch.finfo(other.dtype).eps)
        tolerance = max(TOLERANCE, 4 * steps)
        one, other = one.float(), other.float()
    furthest, largest = _largest(one - other), _largest(other)
    if furthest <= tolerance * largest or isfinite(furthest):
        return furthest <= tolerance * largest
    one, other = one.nan_to_num(0, 0, 0), other.nan_to_num(0, 0, 0)
    return _largest(one - other) <= tolerance * _largest(other)


def _largest(value: Tensor) -> float:
    """The largest magnitude; a plain number, of which comparisons are many times faster."""
    return float(value.detach().abs().max())


def _over_positions(value: Tensor, reduce: Literal["mean", "amax"]) -> Tensor:
    positions = tuple(range(2, value.ndim))
    if not positions:
        return value
    result: Tensor = getattr(value, reduce)(positions)
    return result


def _scales(call: Call) -> bool:
    """Whether the layer gave its input times the gates, or the gates themselves."""
    weights, given, output = call.reading.weights, call.given, call.output
    if output.values is None:
        return False
    if output.shape == given.shape:
        factors = weights.to(given.pixels.dtype)[..., None]
        return close(output.values, given.pixels * factors)
    return close(output.values.reshape(weights.shape), weights)


def _doubt(mechanism: Mechanism, module: nn.Module, call: Call, pooling: Pooling) -> str:
    """What does not hold of the formula, empty where all does."""
    descriptor, logits, _, second = call.reading
    if not close(mechanism.gates(module, logits), call.own):
        return OTHER_FACTORS
    if pooling == "other":
        # Translators: the layer is the subject.
        return text("takes something else than the average or the maximum of each channel")
    if call.rewired:
        return ""  # z is no longer that of the layer's own formula
    expected = mechanism.logits(module, descriptor, second)
    return "" if close(expected, logits) else other_logits(mechanism)


def other_logits(mechanism: Mechanism) -> Text:
    """The doubt that a layer's logits are not those of the formula."""
    # Translators: the layer is the subject.
    return text("computes other logits than {mechanism}", mechanism=mechanism.title)
