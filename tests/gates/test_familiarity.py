"""Familiarity: the score by hand, the shipped references, and what they say of images."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.stats import mannwhitneyu
from torch.utils.data import DataLoader, Subset

import eca_viz
from eca_viz.gates import familiarity
from eca_viz.gates.familiarity import (
    NEIGHBOUR,
    FamiliarityReference,
    Seen,
    descriptors,
    directions,
    fit,
    shipped,
    write,
)
from eca_viz.gates.features import last_features
from eca_viz.gates.forward import attend
from eca_viz.images.samples import SAMPLES
from eca_viz.networks.loading import load_network
from eca_viz.networks.registry import DEFAULT_NETWORK, NETWORKS
from eca_viz.records import Floats, as_floats
from eca_viz.training.imagenette import open_imagenette, seen_transform
from tests.factories import make_layer

WITH_ATTENTION = [spec.name for spec in NETWORKS if spec.name != "resnet_tiny_none"]


def seen(descriptor: list[list[float]], features: list[list[float]]) -> Seen:
    """A batch through one layer, of which only the descriptor and the features count."""
    layer = make_layer([0.5] * len(descriptor[0]))
    record = dataclasses.replace(layer, descriptor=as_floats(np.array(descriptor)))
    return [record], as_floats(np.array(features))


def test_descriptors_of_all_layers_become_one_vector() -> None:
    first, second = seen([[3, 0], [0, 1]], [[0], [0]])[0], seen([[4], [0]], [[0], [0]])[0]
    np.testing.assert_array_equal(descriptors([*first, *second]), [[3, 0, 4], [0, 1, 0]])


def test_directions_have_length_one() -> None:
    """Half from the descriptors' centre, half from the features' zero; nothing has no direction."""
    vectors = as_floats(np.array([[4, 1, 5], [1, 1, 0], [1, 1, 1]]))
    features = as_floats(np.array([[2, 0], [0, 0], [3, 4]]))
    found = directions(vectors, features, as_floats(np.ones(3))) * np.sqrt(2)
    expected = [[0.6, 0, 0.8, 1, 0], [0, 0, -1, 0, 0], [0, 0, 0, 0.6, 0.8]]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_the_score_is_how_near_it_is_less_how_near_its_neighbours_are() -> None:
    """Against a plain loop, where the axes lose nothing."""
    random = np.random.default_rng(0)
    training, features = random.random((25, 6)), random.random((25, 4))
    held_out = seen(random.random((5, 6)).tolist(), random.random((5, 4)).tolist())
    reference = fit([seen(training.tolist(), features.tolist())], [held_out], "some")
    centre = training.mean(axis=0)

    def cosine(one: np.ndarray, other: np.ndarray) -> float:
        return float(np.dot(one, other) / np.linalg.norm(one) / np.linalg.norm(other))

    def alike(one: tuple[np.ndarray, np.ndarray], other: tuple[np.ndarray, np.ndarray]) -> float:
        return (cosine(one[0] - centre, other[0] - centre) + cosine(one[1], other[1])) / 2

    known = list(zip(training, features, strict=True))
    image = random.random(6), random.random(4)
    nearest = sorted(known, key=lambda other: alike(image, other))[-NEIGHBOUR:]
    expected = alike(image, nearest[0]) - np.mean(
        [
            sorted(alike(one, other) for other in known if other is not one)[-NEIGHBOUR]
            for one in nearest
        ]
    )
    score = reference.score(*seen([image[0].tolist()], [image[1].tolist()]))
    np.testing.assert_allclose(score, expected, atol=2e-3)
    assert len(reference.scores) == 5
    assert (np.diff(reference.scores) >= 0).all()


def test_an_image_among_close_neighbours_must_be_close() -> None:
    """As far from a dense group as from a loose one, it is less familiar to the dense one."""
    random = np.random.default_rng(0)
    loose, dense = np.array([1.0, 0, 0, 0]), np.array([0, 0, 1.0, 0])
    points = [loose + 0.5 * random.normal(size=4) for _ in range(40)]
    points += [dense + 0.02 * random.normal(size=4) for _ in range(40)]
    training = [one.tolist() for one in points]
    batch = seen(training, training)
    reference = fit([batch], [batch], "two groups")
    images = [(centre + np.array([0, 0.5, 0, 0.5])).tolist() for centre in (loose, dense)]
    to_loose, to_dense = reference.score(*seen(images, images))
    assert to_dense < to_loose - 0.1


def test_the_share_counts_the_images_that_score_lower() -> None:
    nothing = np.empty((0, 0), np.float32)
    scores = as_floats(np.array([0.2, 0.4, 0.4, 0.8]))
    none = nothing.ravel()
    reference = FamiliarityReference(none, nothing, nothing, none, scores, {}, "")
    shares = reference.share_below(as_floats(np.array([0.1, 0.2, 0.4, 0.5, 0.9])))
    assert shares.tolist() == [0, 0, 0.25, 0.75, 1]


def test_what_is_written_is_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(1)
    batch = seen(random.random((22, 5)).tolist(), random.random((22, 3)).tolist())
    made = dataclasses.replace(fit([batch], [batch], "some"), samples={"china": 0.5})
    write(made, tmp_path / familiarity.familiarity_file("resnet_tiny_eca"), "2" * 64)
    monkeypatch.setattr(familiarity, "STATISTICS", tmp_path)
    found = shipped("resnet_tiny_eca", "2" * 64)
    assert found is not None
    for name in ("centre", "basis", "neighbours", "nearness", "scores"):
        np.testing.assert_array_equal(getattr(found, name), getattr(made, name))
    assert (found.samples, found.source) == ({"china": 0.5}, "some")


@pytest.mark.parametrize("name", WITH_ATTENTION)
def test_each_bundled_network_with_attention_has_a_reference(name: str) -> None:
    spec = next(spec for spec in NETWORKS if spec.name == name)
    reference = shipped(name, spec.sha256)
    assert reference is not None
    assert len(reference.scores) > 900
    assert reference.samples.keys() == {sample.name for sample in SAMPLES}


@pytest.mark.parametrize(
    ("name", "sha256"),
    [
        (DEFAULT_NETWORK, "3" * 64),
        ("resnet_tiny_none", "3" * 64),
        ("timm:ecaresnet26t", "3" * 64),
        (f"../statistics/{DEFAULT_NETWORK}", NETWORKS[0].sha256),
    ],
)
def test_nothing_is_known_of_other_weights(name: str, sha256: str) -> None:
    assert shipped(name, sha256) is None


@pytest.mark.parametrize("name", [DEFAULT_NETWORK, "resnet_tiny_se"])
def test_the_shipped_familiarity_of_the_samples_is_the_computed_one(name: str) -> None:
    network = load_network(name)
    reference = shipped(name, network.record.sha256)
    assert reference is not None
    for sample in SAMPLES:
        explanation = eca_viz.explain(sample.read(), network, ())
        assert explanation.familiarity == pytest.approx(reference.samples[sample.name], abs=0.003)


def test_the_samples_stand_in_the_order_of_their_familiarity() -> None:
    reference = shipped(DEFAULT_NETWORK, NETWORKS[0].sha256)
    assert reference is not None
    order = sorted(reference.samples, key=lambda name: -reference.samples[name])
    assert [sample.name for sample in SAMPLES] == order


def test_changed_gates_have_no_familiarity() -> None:
    assert eca_viz.explain(SAMPLES[0].read(), saliency=(), gates="all:ones").familiarity is None


def test_a_cat_and_noise_are_unfamiliar_and_a_temple_is_not() -> None:
    shares = {
        sample.name: eca_viz.explain(sample.read(), saliency=()).familiarity for sample in SAMPLES
    }
    assert shares["chelsea"] is not None
    assert shares["china"] is not None
    assert shares["chelsea"] < 0.05
    assert shares["china"] > 0.2
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3), dtype=np.uint8)
    flat = [np.full((200, 200, 3), value, np.uint8) for value in (0, 128, 255)]
    for nothing in (noise, *flat):
        assert eca_viz.explain(nothing, saliency=()).familiarity < 0.01


def test_images_of_its_classes_are_familiar(imagenette: Path) -> None:
    """300 validation images that the reference does not hold, against the samples and noise."""
    network = load_network(DEFAULT_NETWORK)
    reference = shipped(DEFAULT_NETWORK, network.record.sha256)
    assert reference is not None
    dataset = open_imagenette(imagenette, "val", seen_transform(network.spec.preprocess))
    chosen = [index for index in range(0, len(dataset), 13) if index % 4][:300]
    private = network.private()

    def scores(inputs: torch.Tensor) -> Floats:
        with last_features(network, private) as features:
            attention = attend(private, inputs)[1]
        return reference.score(attention, features[0])

    own = [scores(images) for images, _ in DataLoader(Subset(dataset, chosen), batch_size=16)]
    familiar = reference.share_below(np.concatenate(own))
    # Uniform, as the share of a fair draw is: the 5 % below 0.05 are the false alarms.
    assert 0.02 < np.mean(familiar < 0.05) < 0.09
    assert 0.45 < np.mean(familiar) < 0.55
    random = np.random.default_rng(0)
    strange = [sample.read() for sample in SAMPLES if sample.name != "china"]
    inputs = [network.spec.preprocess.see(image)[1] for image in strange]
    inputs += [
        network.spec.preprocess.normalise(random.integers(0, 256, (176, 176, 3), dtype=np.uint8))
        for _ in range(8)
    ]
    others = np.concatenate([scores(one) for one in inputs])
    wins = mannwhitneyu(np.concatenate(own), others).statistic
    assert wins / len(chosen) / len(others) > 0.95
