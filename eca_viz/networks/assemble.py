"""From weights to a network: which one it is, its classes' names, all checks."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from torch import Tensor, nn

from eca_viz.attention.discovery import find_attention
from eca_viz.errors import NetworkError
from eca_viz.networks.files.official_layout import imagenet_labels
from eca_viz.networks.files.untrusted import Weights
from eca_viz.networks.labels import LONGEST_LABEL, distinct, read_labels
from eca_viz.networks.spec import Blueprint, Network, NetworkInfo
from eca_viz.networks.state import disagreements, load_weights, prepare

MOST_CLASSES = 100_000


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
