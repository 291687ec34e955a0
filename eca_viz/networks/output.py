"""What a network gives, made the logits that all else works on: of classes, a score, none."""

from collections.abc import Callable, Sequence
from types import CodeType
from typing import Any, Literal

import torch
from torch import Tensor, nn

from eca_viz.errors import NetworkError
from eca_viz.locale.texts import Text, text
from eca_viz.networks.clone import clone

Score = Callable[[Any], Tensor]
Output = Literal["classes", "score", "other"]


def kind_of(output: object, score: Score | None, labels: Sequence[str] | None) -> Output:
    """What can be explained of an output for one input.

    Args:
        output: What the network gave.
        score: The owner's function from such an output to one number for each input.
        labels: The names of its classes where they were given; none at all mean that it has none.

    Returns:
        The kind. One number without a name is not taken for the logit of a single class.
    """
    if score is not None:
        return "score"
    logits = logits_of(output)
    classes = logits.ndim == 2 and len(logits) == 1 and logits.shape[1] > (labels is None)
    return "classes" if classes and labels != () else "other"


def identity_of(score: Score | None) -> str:
    """A text that changes with what a function is and does; empty without one."""
    if score is None:
        return ""
    code = getattr(score, "__code__", None)
    if code is None:
        return f"{type(score).__module__}.{type(score).__qualname__}"
    constants = [one for one in code.co_consts if not isinstance(one, CodeType)]
    return repr((score.__module__, code.co_code, code.co_names, constants))


def logits_of(output: object) -> Tensor:
    """An output that is a tensor, or its `logits`, as of Hugging Face's networks; else nothing."""
    found = getattr(output, "logits", output)
    return found if isinstance(found, Tensor) else torch.empty(0)


def in_words(output: object) -> Text:
    """An output in words."""
    logits = logits_of(output)
    if logits.ndim == 2:
        return text("{classes} classes", classes=logits.shape[1])
    if isinstance(output, Tensor):
        return text("an output of the shape {shape}", shape=tuple(output.shape))
    return text("an output of {kind}", kind=type(output).__name__)


def with_logits(model: nn.Module, kind: Output, score: Score | None) -> nn.Module:
    """A copy of a network that gives logits: of its classes, its score (N, 1), or none (N, 0).

    Args:
        model: The network; the copy shares its tensors.
        kind: What `kind_of` says of it.
        score: As in `kind_of`.

    Returns:
        The copy, with a hook.
    """
    private = clone(model)

    def replace(module: nn.Module, inputs: tuple[Any, ...], output: Any) -> Tensor:
        first = inputs[0]
        if score is not None:
            return _column(score(output), len(first))
        if kind == "classes":
            return logits_of(output)
        return torch.zeros(len(first), 0, device=first.device)

    private.register_forward_hook(replace)
    return private


def _column(scores: object, count: int) -> Tensor:
    """Scores as (N, 1); raises NetworkError for anything but a number for each of the inputs.

    There may be several times as many, where a layer inside has multiplied the batch.
    """
    fits = isinstance(scores, Tensor) and scores.ndim > 0 and scores.numel() == len(scores) > 0
    if not isinstance(scores, Tensor) or not fits or len(scores) % count:
        what = tuple(scores.shape) if isinstance(scores, Tensor) else type(scores).__name__
        raise NetworkError(
            text(
                "the score of {count} inputs gave {given}; give a function from the network's "
                "output to a tensor with one number for each input",
                count=count,
                given=what,
            )
        )
    return scores.reshape(-1, 1)
