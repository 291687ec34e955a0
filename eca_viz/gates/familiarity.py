"""How familiar an image is to a network: its descriptors beside those of a reference set.

The score of an image is the cosine of its descriptors, those of all attention layers in one
vector less their mean over training images, with those of its tenth nearest training image (Sun et
al., Out-of-distribution detection with deep nearest neighbors, ICML 2022, on the features of the
last layer and without the mean).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from eca_viz.errors import DataError
from eca_viz.networks.registry import is_bundled
from eca_viz.paths import STATISTICS
from eca_viz.records import Floats, LayerAttention, as_floats
from eca_viz.storage.shipped_arrays import read_arrays, write_arrays

NEIGHBOUR = 10
COMPONENTS = 32


@dataclass(frozen=True, eq=False)
class FamiliarityReference:
    """What the familiarity of an image is measured against.

    Attributes:
        centre: Mean descriptors of the training images, (D,).
        basis: Principal axes (D, r) of the training images' descriptors.
        neighbours: The training images on those axes, (n, r).
        scores: Of held-out images of the network's classes, (m,), in ascending order.
        samples: The familiarity of each sample image by its name.
        source: The reference set in words.
    """

    centre: Floats
    basis: Floats
    neighbours: Floats
    scores: Floats
    samples: Mapping[str, float]
    source: str

    def score(self, attention: Sequence[LayerAttention]) -> Floats:
        """The score of each image of a batch, (N,); at most 1."""
        cosines = directions(descriptors(attention), self.centre) @ self.basis @ self.neighbours.T
        nearest = min(NEIGHBOUR, len(self.neighbours))
        return as_floats(np.partition(cosines, -nearest, axis=1)[:, -nearest])

    def share_below(self, scores: Floats) -> Floats:
        """The share in [0, 1] of the held-out images whose score is lower than each of `scores`."""
        return as_floats(np.searchsorted(self.scores, scores) / len(self.scores))


def descriptors(attention: Sequence[LayerAttention]) -> Floats:
    """The descriptors of all layers in one vector for each image, (N, D)."""
    return as_floats(np.concatenate([layer.descriptor for layer in attention], axis=1))


def directions(vectors: Floats, centre: Floats) -> Floats:
    """Where vectors (N, D) lie from a centre (D,): of length 1, or zeros at the centre itself."""
    away = vectors - centre
    lengths = np.linalg.norm(away, axis=1, keepdims=True)
    return as_floats(np.divide(away, lengths, out=np.zeros_like(away), where=lengths > 0))


def fit(
    training: Floats, held_out: Sequence[Sequence[LayerAttention]], source: str
) -> FamiliarityReference:
    """A reference, of no samples yet.

    Args:
        training: `descriptors` of training images, (n, D).
        held_out: The attention of batches of other images of the same classes.
        source: The reference set in words.

    Returns:
        The reference, its arrays rounded as they are stored.
    """
    centre = as_floats(training.mean(axis=0))
    seen = directions(training, centre)
    axes = np.linalg.svd(seen, full_matrices=False)[2][:COMPONENTS].T
    basis, neighbours = (as_floats(array.astype(np.float16)) for array in (axes, seen @ axes))
    none = np.empty(0, np.float32)
    unscored = FamiliarityReference(centre, basis, neighbours, none, {}, source)
    scores = np.sort(np.concatenate([unscored.score(batch) for batch in held_out]))
    return replace(unscored, scores=as_floats(scores))


def familiarity(name: str, sha256: str, attention: Sequence[LayerAttention]) -> float | None:
    """The familiarity of one image to a network.

    Args:
        name: The network's name.
        sha256: Digest of its weights.
        attention: What its layers computed for the image.

    Returns:
        The share in [0, 1] of the reference images that score lower; None where no reference
        is shipped for these weights.
    """
    reference = shipped(name, sha256)
    return (
        None if reference is None else float(reference.share_below(reference.score(attention))[0])
    )


@cache
def shipped(name: str, sha256: str) -> FamiliarityReference | None:
    """The reference that is shipped for a network; None where there is none for its weights.

    Raises DataError where it is damaged.
    """
    path = STATISTICS / familiarity_file(name)
    if not (is_bundled(name) and path.exists()):
        return None
    found, about = read_arrays(path, DataError)
    if about["network_sha256"] != sha256:
        return None
    arrays = {key: as_floats(array) for key, array in found.items()}
    return FamiliarityReference(
        **arrays, samples=json.loads(about["samples"]), source=about["source"]
    )


def write(reference: FamiliarityReference, path: Path, sha256: str) -> None:
    """Writes a reference as a file that `shipped` reads.

    Args:
        reference: What is written.
        path: The safetensors file.
        sha256: Digest of the network's weights.
    """
    arrays: dict[str, np.ndarray] = {
        "centre": reference.centre,
        "basis": np.ascontiguousarray(reference.basis, np.float16),
        "neighbours": np.ascontiguousarray(reference.neighbours, np.float16),
        "scores": reference.scores,
    }
    samples = json.dumps(dict(reference.samples))
    about = {"network_sha256": sha256, "source": reference.source, "samples": samples}
    write_arrays(arrays, path, about)


def familiarity_file(network: str) -> Path:
    """Where a bundled network's reference lies below the folder of statistics."""
    return Path(f"familiarity_{network}.safetensors")
