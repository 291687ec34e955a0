"""A network of one's own: a module in memory, or what a function in a Python file builds."""

import hashlib
import importlib.util
import itertools
import re
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn

from eca_viz.attention.discovery import find_attention
from eca_viz.errors import NetworkError
from eca_viz.networks.clone import clone
from eca_viz.networks.labels import distinct
from eca_viz.networks.preprocess import Preprocess
from eca_viz.networks.spec import Network, NetworkSpec
from eca_viz.networks.state import prepare
from eca_viz.records import OWN_NETWORK, NetworkRecord

PREPROCESS = Preprocess(256, 224)
_kept: dict[str, Network] = {}
_numbers = itertools.count(1)
_lock = threading.Lock()
_FILE = re.compile(r"(?P<file>.+\.py):(?P<function>\w+)")


def is_own(name: str) -> bool:
    """Whether a text means a function in a Python file: `mymodel.py:build`."""
    return _FILE.fullmatch(name) is not None


def load_own(name: str, labels: Sequence[str] | None = None) -> Network:
    """The network that a function in a Python file builds. It runs the file's code.

    Args:
        name: The file and the function, as `mymodel.py:build`, or what `keep` gave. The function
            takes nothing and returns the module with its weights. The file may define
            `preprocess`, a Preprocess or a mapping of its fields, `labels`, the names of the
            classes by index, and `also`, as for `wrap`.
        labels: Names in place of the file's.

    Returns:
        The network, in evaluation mode; built once, while the file stays as it is.

    Raises:
        NetworkError: Where the file or the function is missing or fails, or its module cannot be
            shown, as for `wrap`.
    """
    if name in _kept:
        return _kept[name]
    found = _FILE.fullmatch(name)
    if found is None:
        raise NetworkError(f"got {name!r}; give a file and its function, such as mymodel.py:build")
    path = Path(found["file"]).absolute()
    try:
        changed = path.stat().st_mtime_ns
    except OSError as error:
        raise NetworkError(f"{path} cannot be read ({error.strerror})") from error
    with _lock:
        return _load(path, found["function"], changed, None if labels is None else tuple(labels))


def keep(network: Network) -> str:
    """Keeps a network for load_own while the process lives, the last one alone.

    Args:
        network: A network that is in memory.

    Returns:
        The name that load_own takes.
    """
    number = next(_numbers)
    name = f"{network.record.name} in memory, {number}"
    sha256 = _sha256(network.record.sha256, str(number))
    _kept.clear()
    _kept[name] = replace(network, record=replace(network.record, sha256=sha256))
    return name


@lru_cache(maxsize=1)
def _load(path: Path, function: str, changed: int, labels: tuple[str, ...] | None) -> Network:
    title = f"{path.name}:{function}"
    spec = importlib.util.spec_from_file_location(f"eca_viz_own_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise NetworkError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    with _importable(module, path.parent):
        try:
            spec.loader.exec_module(module)
        except Exception as error:
            raise _failed(path.name, error) from error
        build = getattr(module, function, None)
        if not callable(build):
            raise NetworkError(
                f"{path.name} defines no function {function!r} that builds a network"
            )
        try:
            model = build()
        except Exception as error:
            raise _failed(title, error) from error
        return wrap(
            model,
            name=f"{path}:{function}",
            title=title,
            preprocess=getattr(module, "preprocess", PREPROCESS),
            labels=labels or getattr(module, "labels", None),
            also=getattr(module, "also", ()),
            version=str(changed),
        )


def _failed(what: str, error: Exception) -> NetworkError:
    return NetworkError(f"{what} failed with {type(error).__name__}: {error}")


@contextmanager
def _importable(module: ModuleType, folder: Path) -> Iterator[None]:
    """While the file and its function run, what lies beside the file can be imported."""
    sys.path.insert(0, str(folder))
    sys.modules[module.__name__] = module  # dataclasses look their module up
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        del sys.modules[module.__name__]


def wrap(
    model: nn.Module,
    *,
    name: str = "",
    title: str = "",
    preprocess: Preprocess | Mapping[str, Any] = PREPROCESS,
    labels: Sequence[str] | None = None,
    also: Sequence[str] = (),
    version: str = "",
) -> Network:
    """A network that is in memory, for `explain` and everything else that takes a Network.

    Args:
        model: Takes images (N, 3, H, W) and gives the logits of its classes (N, classes). It is
            put into evaluation mode, its parameters lose their gradients and become float32, and
            its activations no longer work in place.
        name: What results call it; the class of the model if empty.
        title: Its name for people; `name` if empty.
        preprocess: How an image becomes its input, a Preprocess or a mapping of its fields; by
            default shorter side 256, centre crop 224, ImageNet's mean and standard deviation.
        labels: Names of its classes by index; "class 0", "class 1", … without.
        also: Names of modules whose structure is not known and that multiply each channel by a
            factor in [0, 1]; an explanation fails where one does not.
        version: What results depend on beside the weights and `preprocess`, such as the state of
            the code.

    Returns:
        The network.

    Raises:
        NetworkError: Where `model` is no module, does not run on such images or gives something
            else than logits, for labels of another number, for a wrong `preprocess`, and for
            a name in `also` that it does not have.
    """
    if not isinstance(model, nn.Module):
        raise NetworkError(f"got {type(model).__name__} as a network; give a torch.nn.Module")
    given = _preprocess(preprocess)
    prepare(model)
    logits, last = _tried(model, given.crop)
    classes = logits.shape[1]
    names = _labels(labels, classes)
    if len(names) != classes:
        raise NetworkError(f"got {len(names)} labels for {classes} classes; give one for each")
    named = _texts(also, "also")
    find_attention(model, named)
    known = name or type(model).__name__
    spec = NetworkSpec(
        name="",
        title=title or known,
        build=lambda _: model,
        head="",
        preprocess=given,
        gradcam_layer=last,
        source=OWN_NETWORK,
        licence="",
        classes=classes,
        labels=lambda: names,
    )
    sha256 = _sha256(digest(model), repr(given), version, *named)
    record = NetworkRecord(known, spec.title, sha256, distinct(names), OWN_NETWORK, "", {})
    return Network(spec, model, record, also=named)


def digest(model: nn.Module) -> str:
    """SHA-256 of what a model's state_dict holds: parameters and persistent buffers by name."""
    found = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        found.update(f"{name} {tensor.dtype} {tuple(tensor.shape)} ".encode())
        found.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
    return found.hexdigest()


def _sha256(*texts: str) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def _labels(given: Sequence[str] | None, classes: int) -> tuple[str, ...]:
    if given is None:
        return tuple(f"class {number}" for number in range(classes))
    return _texts(given, "labels")


def _texts(given: Sequence[str], what: str) -> tuple[str, ...]:
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise NetworkError(f"got {given!r} as {what}; give a list of names")
    if not all(isinstance(text, str) for text in given):
        raise NetworkError(f"got {what} that are not all texts; give a list of names")
    return tuple(given)


def _preprocess(given: Preprocess | Mapping[str, Any]) -> Preprocess:
    if isinstance(given, Preprocess):
        return given
    try:
        return Preprocess(**given)
    except TypeError as error:
        raise NetworkError(
            f"got preprocess {given!r}; give a mapping of resize and crop in pixels and, where "
            "they differ from ImageNet's, mean and std"
        ) from error


def _tried(model: nn.Module, side: int) -> tuple[Tensor, str]:
    """The logits of a grey image, and the name of the last module that gave a feature map."""
    last = [""]

    def note(name: str, output: object) -> None:
        if isinstance(output, Tensor) and output.ndim == 4 and output.shape[-1] > 1:
            last[0] = name

    private = clone(model)  # what a forward keeps, and the hooks, stay there
    for name, module in private.named_modules():
        if name:
            module.register_forward_hook(lambda *call, name=name: note(name, call[2]))
    try:
        with torch.no_grad():
            logits = private(torch.zeros(1, 3, side, side))
    except Exception as error:
        raise NetworkError(
            f"{type(model).__name__} failed on an image (1, 3, {side}, {side}) with "
            f"{type(error).__name__}: {error}"
        ) from error
    if not isinstance(logits, Tensor) or logits.ndim != 2 or len(logits) != 1:
        what = tuple(logits.shape) if isinstance(logits, Tensor) else type(logits).__name__
        raise NetworkError(
            f"{type(model).__name__} gave {what} for one image; give a module whose output are "
            "the logits (N, classes)"
        )
    if not last[0]:
        raise NetworkError(
            f"{type(model).__name__} has no module that gives a feature map (N, C, H, W)"
        )
    return logits, last[0]
