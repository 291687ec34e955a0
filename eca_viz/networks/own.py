"""A network of one's own: a module in memory, or what a function in a Python file builds."""

import hashlib
import importlib.util
import re
import sys
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn

from eca_viz.errors import NetworkError
from eca_viz.networks.labels import distinct
from eca_viz.networks.preprocess import Preprocess
from eca_viz.networks.spec import Network, NetworkSpec
from eca_viz.networks.state import prepare
from eca_viz.records import OWN_NETWORK, NetworkRecord

PREPROCESS = Preprocess(256, 224)
_kept: dict[str, Network] = {}
_FILE = re.compile(r"(?P<file>.+\.py):(?P<function>\w+)")


def is_own(name: str) -> bool:
    """Whether a text means a function in a Python file: `mymodel.py:build`."""
    return _FILE.fullmatch(name) is not None


def load_own(name: str, labels: Sequence[str] | None = None) -> Network:
    """The network that a function in a Python file builds. It runs the file's code.

    Args:
        name: The file and the function, as `mymodel.py:build`, or what `keep` gave. The function
            takes nothing and returns the module with its weights. The file may define
            `preprocess`, a Preprocess or a mapping of its fields, and `labels`, the names of the
            classes by index.
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
    return _load(path, found["function"], changed, None if labels is None else tuple(labels))


def keep(network: Network) -> str:
    """Keeps a network for load_own while the process lives, the last one alone.

    Args:
        network: A network that is in memory.

    Returns:
        The name that load_own takes.
    """
    name = f"{network.record.name} in memory, {network.record.sha256[:8]}"
    _kept.clear()
    _kept[name] = network
    return name


@lru_cache(maxsize=2)
def _load(path: Path, function: str, changed: int, labels: tuple[str, ...] | None) -> Network:
    title = f"{path.name}:{function}"
    module = _imported(path)
    build = getattr(module, function, None)
    if not callable(build):
        raise NetworkError(f"{path.name} defines no function {function!r} that builds a network")
    try:
        model = build()
    except Exception as error:
        raise NetworkError(f"{title} failed with {type(error).__name__}: {error}") from error
    return wrap(
        model,
        name=f"{path}:{function}",
        title=title,
        preprocess=getattr(module, "preprocess", PREPROCESS),
        labels=labels or getattr(module, "labels", None),
    )


def _imported(path: Path) -> ModuleType:
    """The file as a module; what lies beside it can be imported from it."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise NetworkError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    beside = str(path.parent)
    sys.path.insert(0, beside)
    # Under its name while it is kept, so that its classes can be pickled.
    sys.modules.setdefault(path.stem, module)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise NetworkError(f"{path.name} failed with {type(error).__name__}: {error}") from error
    finally:
        sys.path.remove(beside)
    return module


def wrap(
    model: nn.Module,
    *,
    name: str = "",
    title: str = "",
    preprocess: Preprocess | Mapping[str, Any] = PREPROCESS,
    labels: Sequence[str] | None = None,
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

    Returns:
        The network.

    Raises:
        NetworkError: Where `model` is no module, does not run on such images or gives something
            else than logits, for labels of another number, and for a wrong `preprocess`.
    """
    if not isinstance(model, nn.Module):
        raise NetworkError(f"got {type(model).__name__} as a network; give a torch.nn.Module")
    given = _preprocess(preprocess)
    prepare(model)
    logits, last = _tried(model, given.crop)
    classes = logits.shape[1]
    names = tuple(labels) if labels is not None else tuple(f"class {n}" for n in range(classes))
    if len(names) != classes:
        raise NetworkError(f"got {len(names)} labels for {classes} classes; give one for each")
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
    record = NetworkRecord(known, spec.title, digest(model), distinct(names), OWN_NETWORK, "", {})
    return Network(spec, model, record)


def digest(model: nn.Module) -> str:
    """SHA-256 of a model's parameters and buffers with their names."""
    found = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        found.update(f"{name} {tensor.dtype} {tuple(tensor.shape)} ".encode())
        found.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
    return found.hexdigest()


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

    hooks = [
        module.register_forward_hook(lambda *call, name=name: note(name, call[2]))
        for name, module in model.named_modules()
        if name
    ]
    try:
        with torch.inference_mode():
            logits = model(torch.zeros(1, 3, side, side))
    except Exception as error:
        raise NetworkError(
            f"{type(model).__name__} failed on an image (1, 3, {side}, {side}) with "
            f"{type(error).__name__}: {error}"
        ) from error
    finally:
        for hook in hooks:
            hook.remove()
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
