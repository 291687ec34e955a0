"""Tensors into a network, and the network made ready."""

from collections.abc import Mapping
from functools import reduce

import torch
from torch import Tensor, nn

from eca_viz.errors import NetworkError
from eca_viz.locale.texts import Text, text


def load_weights(module: nn.Module, tensors: Mapping[str, Tensor], name: str) -> None:
    """Copies tensors into a network.

    Args:
        module: The network.
        tensors: Its state by name; counters of batch norm that early versions of PyTorch did
            not write may be missing.
        name: What an error calls the network.

    Raises:
        NetworkError: Where they do not fit, with the first keys that disagree.
    """
    wrong = disagreements(module.state_dict(), tensors)
    if wrong:
        listed = reduce(_listed, wrong[:3])
        if len(wrong) <= 3:
            raise NetworkError(
                text("the weights do not fit {network}: {listed}", network=name, listed=listed)
            )
        raise NetworkError(
            text(
                "the weights do not fit {network}: {listed} and {more} more",
                network=name,
                listed=listed,
                more=len(wrong) - 3,
            )
        )
    module.load_state_dict(dict(tensors), strict=False)


def _listed(one: Text, other: Text) -> Text:
    return text("{one}; {other}", one=one, other=other)


def disagreements(own: Mapping[str, Tensor], tensors: Mapping[str, Tensor]) -> list[Text]:
    """In words, where tensors differ from a network's own in name, shape or kind of number."""
    both = [key for key in own if key in tensors]
    wrong = [
        text(
            "{key} is {given} instead of {wanted}",
            key=key,
            given=tuple(tensors[key].shape),
            wanted=tuple(own[key].shape),
        )
        for key in both
        if tensors[key].shape != own[key].shape
    ]
    wrong += [
        text(
            "{key} holds {given} instead of {wanted}",
            key=key,
            given=str(tensors[key].dtype),
            wanted=str(own[key].dtype),
        )
        for key in both
        if tensors[key].is_floating_point() != own[key].is_floating_point()
    ]
    wrong += [
        text("{key} is missing", key=key)
        for key in own
        if key not in tensors and not key.endswith("num_batches_tracked")
    ]
    return wrong + [text("{key} is unexpected", key=key) for key in tensors if key not in own]


def prepare(module: nn.Module) -> nn.Module:
    """Evaluation mode, no gradients for the parameters, no activation that works in place.

    Captum's methods are wrong or fail where an activation overwrites its input.
    """
    for part in module.modules():
        if getattr(part, "inplace", False):
            part.inplace = False  # type: ignore[assignment]
    return module.eval().requires_grad_(False).to(torch.float32)
