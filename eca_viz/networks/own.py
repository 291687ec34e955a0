"""A network of one's own: a module in memory, or what a function in a Python file builds."""

import hashlib
import importlib.util
import itertools
import os
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
from eca_viz.locale.texts import text
from eca_viz.networks.given import example_of, names_of, preprocess_of, tried
from eca_viz.networks.labels import distinct
from eca_viz.networks.output import Score, identity_of, in_words, kind_of, logits_of, with_logits
from eca_viz.networks.preprocess import Preprocess
from eca_viz.networks.spec import Network, NetworkSpec
from eca_viz.networks.state import prepare
from eca_viz.records import OWN_NETWORK, NetworkRecord
from eca_viz.storage.regular_file import open_file

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
            classes by index, `also`, `score` and `example`, as for `wrap`.
        labels: Names in place of the file's.

    Returns:
        The network, in evaluation mode; built once, while the file stays as it is.

    Raises:
        NetworkError: Where the file or the function is missing or fails, or its module cannot be
            shown, as for `wrap`.

    >>> eca_viz.load_own(f"{own_file}:build").record.labels[:2]
    ('cat', 'dog')
    """
    if name in _kept:
        return _kept[name]
    found = _FILE.fullmatch(name)
    if found is None:
        raise NetworkError(
            text("got {name!r}; give a file and its function, such as mymodel.py:build", name=name)
        )
    path = Path(found["file"]).absolute()
    with open_file(path, NetworkError, text("give a Python file and its function")) as file:
        changed = os.fstat(file.fileno()).st_mtime_ns
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


def needs_images(network: Network) -> None:
    """Raises NetworkError for a network that takes tensors, which the app cannot show."""
    if network.example:
        raise NetworkError(
            text(
                "{network} takes tensors, and the app shows networks that take images; use "
                "`explain` on the command line or in Python",
                network=network.record.title,
            )
        )


@lru_cache(maxsize=1)
def _load(path: Path, function: str, changed: int, labels: tuple[str, ...] | None) -> Network:
    title = f"{path.name}:{function}"
    spec = importlib.util.spec_from_file_location(f"eca_viz_own_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise NetworkError(text("{path} is no Python file", path=str(path)))
    module = importlib.util.module_from_spec(spec)
    with _importable(module, path.parent):
        try:
            spec.loader.exec_module(module)
        except Exception as error:
            raise _failed(path.name, error) from error
        build = getattr(module, function, None)
        if not callable(build):
            raise NetworkError(
                text(
                    "{file} defines no function {function!r} that builds a network",
                    file=path.name,
                    function=function,
                )
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
            score=getattr(module, "score", None),
            example=getattr(module, "example", None),
            version=str(changed),
        )


def _failed(what: str, error: Exception) -> NetworkError:
    return NetworkError(
        text(
            "{what} failed with {error}: {reason}",
            what=what,
            error=type(error).__name__,
            reason=str(error),
        )
    )


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
    score: Score | None = None,
    example: Tensor | Sequence[Tensor] | None = None,
    version: str = "",
) -> Network:
    """A network that is in memory, for `explain` and everything else that takes a Network.

    Args:
        model: Takes images (N, 3, H, W) or what `example` shows, and gives the logits of its
            classes (N, classes) or anything else. It is put into evaluation mode, its parameters
            lose their gradients and become float32, and its activations no longer work in place.
        name: What results call it; the class of the model if empty.
        title: Its name for people; `name` if empty.
        preprocess: How an image becomes its input, a Preprocess or a mapping of its fields; by
            default shorter side 256, centre crop 224, ImageNet's mean and standard deviation.
        labels: Names of its classes by index; "class 0", "class 1", … if None. Without any its
            output is not taken for logits of classes.
        also: Names of modules that multiply each channel by one factor; an explanation fails where
            one does not.
        score: From its output to one number for each image, for a network without classes.
        example: Its input, a batch of one, for a network that takes no images.
        version: What results depend on beside the weights and `preprocess`, such as the state of
            the code.

    Returns:
        The network.

    Raises:
        NetworkError: Where `model` is no module or does not run on such input, for labels of
            another number, for a wrong `preprocess`, `score` or `example`, and for a name in `also`
            that it does not have.
    """
    if not isinstance(model, nn.Module):
        raise NetworkError(
            text("got {given} as a network; give a torch.nn.Module", given=type(model).__name__)
        )
    given, tensors = preprocess_of(preprocess), example_of(example)
    prepare(model)
    if score is not None and not callable(score):
        raise NetworkError(text("got {score} as score; give a function", score=repr(score)))
    inputs = tensors or (torch.zeros(1, 3, given.crop, given.crop),)
    output, last = tried(model, inputs)
    if not (tensors or last):
        raise NetworkError(
            text(
                "{model} has no module that gives a feature map (N, C, H, W)",
                model=type(model).__name__,
            )
        )
    texts = None if labels is None else names_of(labels, "labels")
    if texts and score is not None:
        raise NetworkError(
            text("got labels and a score; give one of them, as a score has no classes")
        )
    kind = kind_of(output, score, texts)
    classes = logits_of(output).shape[1] if kind == "classes" else 0
    names = _numbered(classes) if texts is None else texts
    if len(names) != classes:
        raise NetworkError(
            text(
                "got {labels} labels for {output}; give one for each class",
                labels=len(names),
                output=in_words(output),
            )
        )
    module = model
    if kind != "classes" or not isinstance(output, Tensor):
        module = with_logits(model, kind, score)
        tried(module, inputs)  # which checks the score
    named = names_of(also, "also")
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
        classes=len(names),
        labels=lambda: names,
    )
    shapes = [str(tuple(one.shape)) for one in tensors]
    more = (version, *named, kind, identity_of(score), *shapes)
    sha256 = _sha256(digest(model), repr(given), *more)
    record = NetworkRecord(
        known, spec.title, sha256, distinct(names), OWN_NETWORK, "", {}, output=kind
    )
    return Network(spec, module, record, also=named, example=tensors)


def digest(model: nn.Module) -> str:
    """SHA-256 of what a model's state_dict holds: parameters and persistent buffers by name."""
    found = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        found.update(f"{name} {tensor.dtype} {tuple(tensor.shape)} ".encode())
        found.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
    return found.hexdigest()


def _sha256(*texts: str) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def _numbered(classes: int) -> tuple[str, ...]:
    return tuple(f"class {number}" for number in range(classes))
