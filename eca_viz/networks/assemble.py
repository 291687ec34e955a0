"""From weights to a network: which one it is, its classes' names, all checks."""

import importlib
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType

from torch import Tensor, nn

from eca_viz.attention.discovery import find_attention
from eca_viz.errors import NetworkError
from eca_viz.networks.files import official_layout as official
from eca_viz.networks.files.official_layout import Shapes, imagenet_labels
from eca_viz.networks.files.trusted import disagreements, load_weights, prepare
from eca_viz.networks.files.untrusted import Weights
from eca_viz.networks.spec import Blueprint, Network, NetworkInfo

PREFIXES = ("timm:", "torchvision:")
MOST_CLASSES = 100_000
LONGEST_LABEL = 100
MAX_LABEL_BYTES = 2**20
# A file that shares this much with a network is taken for it, and what differs is said.
ALIKE = 0.8


def hub_of(name: str) -> ModuleType:
    """The module behind names with this beginning; imported only here, since timm takes a second.

    Raises NetworkError for a name that begins otherwise.
    """
    if name.startswith("timm:"):
        return importlib.import_module("eca_viz.networks.hubs.timm_hub")
    if name.startswith("torchvision:"):
        return importlib.import_module("eca_viz.networks.hubs.torchvision_hub")
    raise NetworkError(
        f"got {name!r}; names of networks to download begin with timm: or torchvision:"
    )


def identify(weights: Weights) -> Blueprint:
    """Which network a file's tensors are of, by their names and shapes alone.

    Raises NetworkError where none that is known here has such tensors.
    """
    shapes = {key: tuple(tensor.shape) for key, tensor in weights.tensors.items()}
    found = official.identify(shapes)
    if found is None and any(len(s) == 3 and s[:2] == (1, 1) for s in shapes.values()):
        found = _nearest(shapes, "timm:")
    if found is None and any(len(s) == 4 and k.endswith(".fc1.weight") for k, s in shapes.items()):
        found = _nearest(shapes, "torchvision:")
    if found is None:
        large = [f"{key} {shape}" for key, shape in shapes.items() if len(shape) > 1]
        first = (large or list(shapes))[:3]
        raise NetworkError(
            f"{weights.name} holds {len(shapes)} tensors ({'; '.join(first)}; …), but not those of "
            "a network with channel attention that is known here: the official repository's "
            "ECA-ResNets and ECA-MobileNetV2, timm's ECA networks, torchvision's SE networks"
        )
    return found


def _nearest(shapes: Shapes, prefix: str) -> Blueprint | None:
    """The network of a hub that shares most tensors, if it shares nearly all."""
    theirs = set(shapes.items())
    best, most = None, ALIKE
    for name in hub_of(prefix).names():
        ours = _shapes(name)
        share = len(ours & theirs) / len(ours | theirs)
        if share > most:
            best, most = hub_of(name).blueprint(name), share
    return best


@cache
def _shapes(name: str) -> frozenset[tuple[str, tuple[int, ...]]]:
    state = hub_of(name).blueprint(name).outline().state_dict()
    return frozenset((key, tuple(tensor.shape)) for key, tensor in state.items())


def assemble(
    blueprint: Blueprint,
    weights: Weights,
    *,
    name: str,
    labels: Sequence[str] | Path | None = None,
    options: Mapping[str, str],
) -> Network:
    """The network of a blueprint with the weights of a file.

    The number of classes is that of the weights. `labels` names them; without it they have
    the names that our own training left in the file, or those of the blueprint, or their
    numbers. Everything is checked before anything large is made. Raises NetworkError where
    tensors, labels or the network's attention are not as they should be.
    """
    classes = _classes(blueprint, weights.tensors)
    outline = blueprint.outline(classes)
    title = f"{blueprint.title}, {classes} classes"
    if disagreements(outline.state_dict(), weights.tensors):
        load_weights(outline, weights.tensors, f"{title} (read from {weights.name})")
    check_attention(outline, blueprint.title)
    named = _labels(labels, weights, blueprint, classes)
    module = blueprint.build(classes)
    load_weights(module, weights.tensors, title)
    return Network(
        spec=NetworkInfo(
            name=name,
            title=blueprint.title if name == blueprint.name else f"{title} · {weights.name}",
            preprocess=blueprint.preprocess,
            labels=named,
            gradcam_layer=blueprint.gradcam_layer,
            source=blueprint.source,
            licence=blueprint.licence,
            options=options,
        ),
        module=prepare(module),
        sha256=weights.sha256,
        metadata=weights.metadata,
    )


def check_attention(outline: nn.Module, title: str) -> None:
    """Raises NetworkError where a network holds no attention layer that is recognised."""
    if not find_attention(outline):
        raise NetworkError(
            f"{title} holds no channel attention that is recognised; choose a network with ECA or "
            "SE layers"
        )


def _classes(blueprint: Blueprint, tensors: Mapping[str, Tensor]) -> int:
    head = tensors.get(blueprint.head)
    plausible = head is not None and head.ndim >= 2 and 1 <= head.shape[0] <= MOST_CLASSES
    return head.shape[0] if head is not None and plausible else blueprint.classes


def _labels(
    given: Sequence[str] | Path | None, weights: Weights, blueprint: Blueprint, classes: int
) -> tuple[str, ...]:
    if given is not None:
        lines = read_labels(given) if isinstance(given, Path) else tuple(given)
        if len(lines) != classes:
            raise NetworkError(
                f"got {len(lines)} labels and {weights.name} has {classes} classes; give one line "
                "for each class, in their order"
            )
        return distinct(lines)
    own = weights.metadata.get("labels")
    if isinstance(own, list) and len(own) == classes:
        return distinct([str(label)[:LONGEST_LABEL] for label in own])
    for known in (blueprint.labels, imagenet_labels):
        if len(known()) == classes:
            return distinct(known())
    return tuple(f"class {index}" for index in range(classes))


def read_labels(path: Path) -> tuple[str, ...]:
    """Names of classes from a text file, one in each line, in the order of the classes.

    Raises NetworkError where it cannot be read as UTF-8 text.
    """
    try:
        with path.open("rb") as file:
            return parse_labels(file.read(MAX_LABEL_BYTES + 1), path.name)
    except OSError as error:
        raise NetworkError(
            f"{path} cannot be read ({error.strerror}); give a text file with one label in each "
            "line"
        ) from error


def parse_labels(data: bytes, name: str) -> tuple[str, ...]:
    """`read_labels` for the bytes of a file called `name`."""
    if len(data) > MAX_LABEL_BYTES:
        raise NetworkError(
            f"{name} has more than {MAX_LABEL_BYTES // 2**20} MB; give a text file with one label "
            "in each line"
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NetworkError(
            f"{name} is not UTF-8 text; give a text file with one label in each line"
        ) from error
    return tuple(line.strip()[:LONGEST_LABEL] for line in text.strip().splitlines())


def distinct(labels: Sequence[str]) -> tuple[str, ...]:
    """Labels that can be told apart: one that occurs more than once gets its index behind it."""
    count = Counter(labels)
    return tuple(
        f"{label} ({index})" if count[label] > 1 or not label else label
        for index, label in enumerate(labels)
    )
