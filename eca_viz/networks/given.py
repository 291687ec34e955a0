"""What the owner of a network gives with it, checked, and the network tried out."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from eca_viz.errors import NetworkError
from eca_viz.locale.texts import Text, text
from eca_viz.networks.clone import clone
from eca_viz.networks.preprocess import Preprocess


def names_of(given: Sequence[str], what: str) -> tuple[str, ...]:
    """Names; raises NetworkError, which calls them `what`, for anything but a list of texts."""
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise NetworkError(
            text("got {given} as {what}; give a list of names", given=repr(given), what=what)
        )
    if not all(isinstance(one, str) for one in given):
        raise NetworkError(
            text("got {what} that are not all texts; give a list of names", what=what)
        )
    return tuple(given)


def preprocess_of(given: Preprocess | Mapping[str, Any]) -> Preprocess:
    """A Preprocess or a mapping of its fields; raises NetworkError for any other mapping."""
    if isinstance(given, Preprocess):
        return given
    try:
        return Preprocess(**given)
    except TypeError as error:
        raise NetworkError(
            text(
                "got preprocess {given}; give a mapping of resize and crop in pixels and, where "
                "they differ from ImageNet's, mean and std",
                given=repr(given),
            )
        ) from error


def example_of(given: object) -> tuple[Tensor, ...]:
    """The tensors of an example, none for None; raises NetworkError without a batch of one."""
    parts = given if isinstance(given, list | tuple) else () if given is None else (given,)
    if not all(isinstance(one, Tensor) and one.ndim and len(one) == 1 for one in parts):
        raise NetworkError(
            text("got an example that is no tensor with a batch of one; give such a one")
        )
    return tuple(one.detach().cpu() for one in parts)


def tried(model: nn.Module, inputs: Sequence[Tensor]) -> tuple[Any, str]:
    """The output for an input, and the name of the last module that gave one feature map.

    Raises NetworkError where the model fails on that input.
    """
    calls: dict[str, list[bool]] = {}

    def note(name: str, output: Any) -> None:
        # A detector has heads with a batch of regions.
        one = isinstance(output, Tensor) and output.ndim == 4 and len(output) == 1
        calls.setdefault(name, []).append(one and output.shape[-1] > 1)

    private = clone(model)  # what a forward keeps, and the hooks, stay there
    for name, module in private.named_modules():
        if name:
            module.register_forward_hook(lambda *call, name=name: note(name, call[2]))
    try:
        with torch.no_grad():
            output = private(*inputs)
    except NetworkError:
        raise
    except Exception as error:
        raise NetworkError(_failed(model, inputs, error)) from error
    # One that runs several times, as for each size of objects, has no one feature map.
    last = [name for name, found in calls.items() if found == [True]]
    return output, last[-1] if last else ""


def _failed(model: nn.Module, inputs: Sequence[Tensor], error: Exception) -> Text:
    known = {
        "model": type(model).__name__,
        "shapes": ", ".join(str(tuple(one.shape)) for one in inputs),
        "error": type(error).__name__,
        "reason": str(error),
    }
    if len(inputs) == 1 and inputs[0].ndim == 4:
        return text("{model} failed on an image {shapes} with {error}: {reason}", **known)
    return text("{model} failed on input {shapes} with {error}: {reason}", **known)
