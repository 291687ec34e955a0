"""A record of an image in one file; those of the samples that are shipped or were kept."""

from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from eca_viz.errors import DataError
from eca_viz.locale.texts import text
from eca_viz.paths import ASSETS, KEPT
from eca_viz.records import Explanation, ImageInput, LessonStart
from eca_viz.storage.scratch import replacing
from eca_viz.storage.serial import DAMAGED, from_arrays, to_arrays
from eca_viz.version import versions

T = TypeVar("T")

_FOLDER = "explanations"
FOLDER = ASSETS / _FOLDER
LESSONS = ASSETS / "lessons"
# The saliency method whose map is shipped with each.
METHOD = "grad_cam"
_TEXT, _IMAGE, _NETWORK = "explanation", "image", "network"


def store(explanation: Explanation, path: Path) -> None:
    """Writes all but the pixels of the image: arrays as safetensors, the rest as JSON beside them.

    Args:
        explanation: What is written.
        path: Of the safetensors file, whose metadata holds the JSON.
    """
    _write(explanation, path, explanation)


def store_lesson(start: LessonStart, explanation: Explanation, path: Path) -> None:
    """Writes what the lesson's first steps show, as `store` does.

    Args:
        start: What is written.
        explanation: Names its image and its network.
        path: Of the file.
    """
    _write(start, path, explanation)


def _write(record: Explanation | LessonStart, path: Path, of: Explanation) -> None:
    """Writes a record; image and network of an explanation stand beside it."""
    arrays, words = to_arrays(record, {ImageInput: lambda image: image.name})
    subject = {_IMAGE: of.image.sha256, _NETWORK: of.network.sha256}
    with replacing(path) as partial:
        save_file(arrays, partial, {_TEXT: words, **subject})


def stored(path: Path, image: ImageInput, network: str) -> Explanation | None:
    """The explanation in a file that `store` wrote.

    Args:
        path: Of the file.
        image: The image that it should explain.
        network: The digest that the network's weights should have.

    Returns:
        The explanation, equal to the one that was written; None where it is of another image or
        of other weights.

    Raises:
        DataError: Where the file cannot be read.
    """
    return _read(Explanation, path, image, network)


def _read(kind: type[T], path: Path, image: ImageInput, network: str) -> T | None:
    """The record of a kind in a file, None where it is of another image or of other weights.

    Raises DataError where the file cannot be read.
    """
    try:
        with safe_open(path, "np") as file:
            about = file.metadata()
            if (about[_IMAGE], about[_NETWORK]) != (image.sha256, network):
                return None
            return from_arrays(
                kind, about[_TEXT], file.get_tensor, {ImageInput: lambda name: image}
            )
    except (OSError, SafetensorError, *DAMAGED) as error:
        raise DataError(
            text("{path} holds no record that can be read: {error}", path=path, error=str(error))
        ) from error


def shipped(image: ImageInput, network: str) -> Explanation | None:
    """The explanation of a sample by the default network, with its Grad-CAM map.

    Args:
        image: The image.
        network: Digest of the network's weights.

    Returns:
        The explanation, None where none is shipped for this image and these weights.

    Raises:
        DataError: For a file that is damaged.
    """
    return _shipped(Explanation, FOLDER, image, network)


def shipped_lesson(image: ImageInput, network: str) -> LessonStart | None:
    """What the lesson's first steps show of a sample and the default network.

    Args:
        image: The image.
        network: Digest of the network's weights.

    Returns:
        The record, None where none is shipped for this image and these weights.

    Raises:
        DataError: For a file that is damaged.
    """
    return _shipped(LessonStart, LESSONS, image, network)


def _shipped(kind: type[T], folder: Path, image: ImageInput, network: str) -> T | None:
    """The record of a sample in a folder, None where it has none; raises DataError as `_read`."""
    path = folder / f"{image.sample}.safetensors"
    return _read(kind, path, image, network) if image.sample and path.exists() else None


def keep(explanation: Explanation) -> None:
    """Stores an explanation of a sample for later starts, where the folder can be written."""
    path = _kept_file(explanation.image, explanation.network.sha256)
    with suppress(OSError, SafetensorError):
        path.parent.mkdir(parents=True, exist_ok=True)
        store(explanation, path)


def kept(image: ImageInput, network: str) -> Explanation | None:
    """The explanation of a sample that `keep` stored.

    Args:
        image: The image.
        network: Digest of the network's weights.

    Returns:
        The explanation; None where none was kept, or by other versions of the packages.
    """
    path = _kept_file(image, network)
    if not (image.sample and path.exists()):
        return None
    try:
        found = stored(path, image, network)
    except DataError:  # it is computed again
        return None
    return found if found is not None and found.versions == versions() else None


def any_kept(network: str) -> bool:
    """Whether an explanation by the weights of this digest was kept, so that they can be read."""
    return any((KEPT / _FOLDER).glob(f"{network}-*"))


def _kept_file(image: ImageInput, network: str) -> Path:
    return KEPT / _FOLDER / f"{network}-{image.sample}.safetensors"
