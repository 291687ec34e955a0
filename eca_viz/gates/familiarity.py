"""How familiar an image is to a network: where it lies among the images of a reference set.

An image lies in the direction of its descriptors, those of all attention layers less their mean
over training images, and of the features that the classifier is given, on a few principal axes. Its
score is the cosine with its twentieth nearest training image (Sun et al., Out-of-distribution
detection with deep nearest neighbors, ICML 2022), less the mean of that cosine of these twenty: low
where it is farther from them than they are from their own neighbours, as in the local outlier
factor (Breunig et al., SIGMOD 2000).
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
from eca_viz.records import Floats, LayerAttention, NetworkRecord, as_floats
from eca_viz.storage.shipped_arrays import read_arrays, write_arrays

NEIGHBOUR = 20
COMPONENTS = 32

# Attention and features (N, F) of a batch of images.
Seen = tuple[Sequence[LayerAttention], Floats]


@dataclass(frozen=True, eq=False)
class FamiliarityReference:
    """What the familiarity of an image is measured against.

    Attributes:
        centre: Mean descriptors of the training images, (D,).
        basis: Principal axes (D + F, r) of the training images' directions.
        neighbours: The training images on those axes, (n, r).
        nearness: The cosine of each training image with its own twentieth nearest, (n,).
        scores: Of held-out images of the network's classes, (m,), in ascending order.
        samples: The familiarity of each sample image by its name.
        source: The reference set in words.
    """

    centre: Floats
    basis: Floats
    neighbours: Floats
    nearness: Floats
    scores: Floats
    samples: Mapping[str, float]
    source: str

    def score(self, attention: Sequence[LayerAttention], features: Floats) -> Floats:
        """The score of each image of a batch, (N,), by its attention and features (N, F)."""
        seen = directions(descriptors(attention), features, self.centre)
        cosines = as_floats(seen @ self.basis @ self.neighbours.T)
        nearest = _nearest(cosines)
        last = np.take_along_axis(cosines, nearest, axis=1).min(axis=1)
        return as_floats(last - self.nearness[nearest].mean(axis=1))

    def share_below(self, scores: Floats) -> Floats:
        """The share in [0, 1] of the held-out images whose score is lower than each of `scores`."""
        return as_floats(np.searchsorted(self.scores, scores) / len(self.scores))


def descriptors(attention: Sequence[LayerAttention]) -> Floats:
    """The descriptors of all layers in one vector for each image, (N, D)."""
    return as_floats(np.concatenate([layer.descriptor for layer in attention], axis=1))


def directions(vectors: Floats, features: Floats, centre: Floats) -> Floats:
    """The directions in which images lie, by their descriptors and by their features.

    Args:
        vectors: Descriptors of all layers, (N, D).
        features: What the classifier is given, (N, F).
        centre: From where the descriptors are seen, (D,).

    Returns:
        Both directions in one vector of length 1 for each image, (N, D + F).
    """
    return as_floats(
        np.concatenate([_unit(vectors - centre), _unit(features)], axis=1) / np.sqrt(2)
    )


def _unit(vectors: Floats) -> Floats:
    """Vectors of length 1; zeros stay zeros."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return as_floats(np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0))


def _nearest(cosines: Floats) -> np.ndarray:
    """The places in each row of its NEIGHBOUR largest values; of all but one where it is short."""
    count = max(min(NEIGHBOUR, cosines.shape[1] - 1), 1)
    return np.argpartition(cosines, -count, axis=1)[:, -count:]


def fit(training: Sequence[Seen], held_out: Sequence[Seen], source: str) -> FamiliarityReference:
    """A reference, of no samples yet.

    Args:
        training: Attention and features of batches of training images.
        held_out: Those of batches of other images of the same classes.
        source: The reference set in words.

    Returns:
        The reference, its arrays rounded as they are stored.
    """
    vectors = as_floats(np.concatenate([descriptors(attention) for attention, _ in training]))
    features = as_floats(np.concatenate([found for _, found in training]))
    centre = as_floats(vectors.mean(axis=0))
    seen = directions(vectors, features, centre)
    axes = np.linalg.svd(seen, full_matrices=False)[2][:COMPONENTS].T
    basis, neighbours = (as_floats(array.astype(np.float16)) for array in (axes, seen @ axes))
    others = as_floats(neighbours @ neighbours.T)
    np.fill_diagonal(others, -1)  # nobody is a neighbour of itself
    nearness = as_floats(np.take_along_axis(others, _nearest(others), axis=1).min(axis=1))
    none = np.empty(0, np.float32)
    unscored = FamiliarityReference(centre, basis, neighbours, nearness, none, {}, source)
    scores = np.sort(np.concatenate([unscored.score(*batch) for batch in held_out]))
    return replace(unscored, scores=as_floats(scores))


def familiarity(
    network: NetworkRecord, attention: Sequence[LayerAttention], features: Sequence[Floats]
) -> float | None:
    """The familiarity of one image to a network.

    Args:
        network: The network.
        attention: What its layers computed for the image.
        features: Of each pass what its classifier was given, (1, F); the last one counts.

    Returns:
        The share in [0, 1] of the reference images that score lower; None where no reference
        is shipped for these weights.
    """
    reference = shipped(network.name, network.sha256)
    if reference is None or not features:
        return None
    return float(reference.share_below(reference.score(attention, features[-1]))[0])


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
        "nearness": reference.nearness,
        "scores": reference.scores,
    }
    samples = json.dumps(dict(reference.samples))
    about = {"network_sha256": sha256, "source": reference.source, "samples": samples}
    write_arrays(arrays, path, about)


def familiarity_file(network: str) -> Path:
    """Where a bundled network's reference lies below the folder of statistics."""
    return Path(f"familiarity_{network}.safetensors")
