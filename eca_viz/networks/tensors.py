"""The input of a network: an image, or tensors where it takes no images."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from eca_viz.errors import ImageError
from eca_viz.images.reading import ImageSource, read_image
from eca_viz.locale.plain_text import escaped
from eca_viz.locale.texts import text
from eca_viz.networks.spec import Network
from eca_viz.records import ImageInput, Pixels
from eca_viz.storage.regular_file import open_file

TensorSource: TypeAlias = (
    Tensor | NDArray[Any] | str | Path | Sequence[Tensor | NDArray[Any] | str | Path]
)


class Input(NamedTuple):
    """What a network is given: an image or none, what it sees of it, and the tensors."""

    image: ImageInput
    seen: Pixels
    tensors: tuple[Tensor, ...]


def read_input(source: ImageSource | TensorSource, network: Network) -> Input:
    """What a network takes, an image or tensors.

    Args:
        source: As in `explain`.
        network: The network.

    Returns:
        The input.

    Raises:
        ImageError: As `read_image` and `read_tensors`, and for tensors where images are taken.
    """
    if network.example:
        image, tensors = read_tensors(source, network)
        return Input(image, image.pixels, tensors)
    if isinstance(source, Tensor | Sequence) and not isinstance(source, str | bytes):
        raise ImageError(
            text(
                "got {given} for {network}, which takes images; give a path, the bytes of a file, "
                "a PIL image or an RGB uint8 array",
                given=type(source).__name__,
                network=network.record.title,
            )
        )
    image = read_image(source)
    seen, shown = network.spec.preprocess.see(image)
    return Input(image, seen, (shown,))


def read_tensors(source: object, network: Network) -> tuple[ImageInput, tuple[Tensor, ...]]:
    """The input of a network that takes tensors.

    Args:
        source: A tensor, an array or the path of a `.npy` file for each input of the network, with
            or without a batch of one.
        network: A network with an `example`.

    Returns:
        What an explanation says of the input, without pixels, and the tensors with a batch of one.

    Raises:
        ImageError: Where the number of tensors or of their dimensions is another than in the
            example, and for a file that cannot be read.
    """
    parts = source if isinstance(source, list | tuple) else (source,)
    wanted = " and ".join(str(tuple(one.shape)) for one in network.example)
    if len(parts) != len(network.example):
        raise ImageError(
            text(
                "got {given} tensors for {network}, which takes {wanted}; give {count}",
                given=len(parts),
                network=network.record.title,
                wanted=wanted,
                count=len(network.example),
            )
        )
    found, digest = [], hashlib.sha256()
    for part, example in zip(parts, network.example, strict=True):
        tensor = _tensor(part)
        batched = tensor[None] if tensor.ndim == example.ndim - 1 else tensor
        if batched.ndim != example.ndim or len(batched) != 1:
            raise ImageError(
                text(
                    "got a tensor of the shape {shape} for {network}, which takes {wanted}; give "
                    "one input at a time, with as many dimensions",
                    shape=tuple(tensor.shape),
                    network=network.record.title,
                    wanted=wanted,
                )
            )
        if not (torch.can_cast(batched.dtype, example.dtype) and bool(batched.isfinite().all())):
            raise ImageError(
                text(
                    "got a tensor of {given} for {network}, which takes {wanted}; give finite "
                    "numbers of that kind",
                    given=str(batched.dtype),
                    network=network.record.title,
                    wanted=str(example.dtype),
                )
            )
        digest.update(f"{batched.dtype} {tuple(batched.shape)} ".encode())
        digest.update(batched.contiguous().flatten().view(torch.uint8).numpy().data)
        found.append(batched.to(example.dtype))
    names = [Path(part).name for part in parts if isinstance(part, str | Path)]
    name = escaped(", ".join(names)) or "tensors"
    return ImageInput(name, digest.hexdigest(), np.zeros((0, 0, 3), np.uint8)), tuple(found)


def run(module: nn.Module, inputs: tuple[Tensor, ...], network: Network) -> Tensor:
    """The logits of a network for its input.

    Args:
        module: The network, or a private copy.
        inputs: What it takes.
        network: What an error names.

    Returns:
        The logits.

    Raises:
        ImageError: Where tensors do not suit it, for example in their size.
    """
    try:
        logits: Tensor = module(*inputs)
    except (RuntimeError, ValueError, IndexError) as error:
        if not network.example:
            raise
        given, example = (
            " and ".join(str(tuple(one.shape)) for one in each)
            for each in (inputs, network.example)
        )
        raise ImageError(
            text(
                "{network} failed on {given} with {error}: {reason}; its example is {example}",
                network=network.record.title,
                given=given,
                error=type(error).__name__,
                reason=str(error),
                example=example,
            )
        ) from error
    return logits


def _tensor(part: object) -> Tensor:
    if isinstance(part, Tensor):
        return part.detach().cpu()
    array = _from_file(Path(part)) if isinstance(part, str | Path) else part
    try:
        return torch.tensor(np.asarray(array))
    except (TypeError, ValueError) as error:
        raise ImageError(
            text(
                "got {given}; give a tensor, an array of numbers or the path of a .npy file",
                given=type(part).__name__,
            )
        ) from error


def _from_file(path: Path) -> NDArray[Any]:
    try:
        with open_file(path, ImageError, text("give a .npy file")) as file:
            array: NDArray[Any] = np.load(file, allow_pickle=False)
    except ImageError:
        raise
    except Exception as error:  # a damaged header may raise anything
        raise ImageError(
            text("{path} is not an array in NumPy's .npy format; give one", path=str(path))
        ) from error
    return array
