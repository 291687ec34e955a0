"""From weights to a network: which one it is, its classes' names, all checks."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from torch import Tensor, nn

from eca_viz.attention.discovery import find_attention
from eca_viz.errors import NetworkError
from eca_viz.locale.texts import text
from eca_viz.networks.files.official_layout import imagenet_labels
from eca_viz.networks.files.untrusted import Weights
from eca_viz.networks.labels import LONGEST_LABEL, distinct, read_labels
from eca_viz.networks.spec import Network, NetworkSpec
from eca_viz.networks.state import disagreements, load_weights, prepare
from eca_viz.records import NetworkRecord

MOST_CLASSES = 100_000


def assemble(
    spec: NetworkSpec,
    weights: Weights,
    *,
    name: str,
    labels: Sequence[str] | Path | None = None,
    options: Mapping[str, str],
) -> Network:
    """The network of a spec with the weights of a file.

    The number of classes is that of the weights. Everything is checked before anything large
    is made.

    Args:
        spec: The architecture.
        weights: The file's tensors.
        name: What load_network was called with.
        labels: Names of the classes; without them those that our own training left in the file,
            those of the spec, or the classes' numbers.
        options: The other arguments of load_network, for the record.

    Returns:
        The network, in evaluation mode.

    Raises:
        NetworkError: Where tensors, labels or the network's attention are not as they should be.
    """
    classes = _classes(spec, weights.tensors)
    outline = spec.outline(classes)
    title = text("{network}, {classes} classes", network=spec.title, classes=classes)
    if disagreements(outline.state_dict(), weights.tensors):
        read = text("{network} (read from {file})", network=title, file=weights.name)
        load_weights(outline, weights.tensors, read)
    check_attention(outline, spec.title)
    named = _labels(labels, weights, spec, classes)
    from_file = text("{network} · {file}", network=title, file=weights.name)
    shown = spec.title if name == spec.name else from_file
    return fill(
        spec,
        weights,
        NetworkRecord(
            name=name,
            title=shown,
            sha256=weights.sha256,
            labels=named,
            source=spec.source,
            licence=spec.licence,
            options=dict(options),
        ),
    )


def fill(spec: NetworkSpec, weights: Weights, record: NetworkRecord) -> Network:
    """The network of a spec, filled with weights; nothing but their fit is checked.

    Args:
        spec: The architecture.
        weights: The tensors.
        record: What results say of the network.

    Returns:
        The network, in evaluation mode.

    Raises:
        NetworkError: Where the weights do not fit.
    """
    module = spec.build(len(record.labels))
    load_weights(module, weights.tensors, record.title)
    return Network(spec, prepare(module), record, weights.metadata)


def check_attention(outline: nn.Module, title: str) -> None:
    """Raises NetworkError where a network holds no attention layer that is recognised."""
    if not find_attention(outline):
        raise NetworkError(
            text(
                "{network} holds no channel attention that is recognised; choose a network with "
                "ECA or SE layers",
                network=title,
            )
        )


def _classes(spec: NetworkSpec, tensors: Mapping[str, Tensor]) -> int:
    head = tensors.get(spec.head)
    plausible = head is not None and head.ndim >= 2 and 1 <= head.shape[0] <= MOST_CLASSES
    return head.shape[0] if head is not None and plausible else spec.classes


def _labels(
    given: Sequence[str] | Path | None, weights: Weights, spec: NetworkSpec, classes: int
) -> tuple[str, ...]:
    if given is not None:
        lines = read_labels(given) if isinstance(given, Path) else tuple(given)
        if len(lines) != classes:
            raise NetworkError(
                text(
                    "got {labels} labels and {file} has {classes} classes; give one line for each "
                    "class, in their order",
                    labels=len(lines),
                    file=weights.name,
                    classes=classes,
                )
            )
        return distinct(lines)
    own = weights.metadata.get("labels")
    if isinstance(own, list) and len(own) == classes:
        return distinct([str(label)[:LONGEST_LABEL] for label in own])
    for known in (spec.labels, imagenet_labels):
        if len(known()) == classes:
            return distinct(known())
    return tuple(f"class {index}" for index in range(classes))
