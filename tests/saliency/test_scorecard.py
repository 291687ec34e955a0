"""The scorecard scores what it is given, counts its passes and leaves the network alone."""

import dataclasses

import numpy as np
import pytest
import torch

import eca_viz
from eca_viz import pipeline
from eca_viz.errors import SaliencyError
from eca_viz.networks.spec import Network
from eca_viz.records import Explanation, ImageInput, MapScore
from eca_viz.saliency.registry import find_method
from eca_viz.saliency.scorecard import (
    batch_seconds,
    expected_seconds,
    passes,
    randomised,
    scorecard,
)
from tests.factories import QUICK, Told, hooks_on

SMALL = "resnet_tiny_eca"
INPUTS = torch.zeros(1, 3, 128, 128)
SCORED = ("grad_cam", "deep_lift", "smooth_grad", "kernel_shap")


@pytest.fixture(scope="module")
def network() -> Network:
    return eca_viz.load_network(SMALL)


@pytest.fixture(scope="module")
def scored(network: Network, china: ImageInput) -> Explanation:
    parameters = {name: QUICK[name] for name in SCORED if name in QUICK}
    return eca_viz.explain(china, network, SCORED, parameters=parameters, scores=True)


def test_every_map_and_the_random_one_are_scored(scored: Explanation) -> None:
    card = scored.scorecard
    assert card is not None
    assert card.target == scored.predictions[0]
    assert [score.method for score in card.scores] == [*SCORED, "random"]
    assert card.flat == ()
    for score in card.scores:
        assert score.deletion.shape == score.insertion.shape == card.shares.shape
        assert 0 <= score.deletion_area <= 1
        assert 0 <= score.insertion_area <= 1
        assert 0 <= score.infidelity <= 1
        assert not score.deletion.flags.writeable
    *methods, chance = card.scores
    assert all(score.sensitivity is not None and score.sensitivity > 0 for score in methods)
    assert (chance.sensitivity, chance.similarity) == (None, None)


def test_curves_of_all_maps_have_the_same_ends(scored: Explanation) -> None:
    card = scored.scorecard
    assert card is not None
    probability = card.target.probability
    for score in card.scores:
        assert score.deletion[0] == pytest.approx(probability, abs=1e-5)
        assert score.insertion[-1] == pytest.approx(probability, abs=1e-5)
        assert score.deletion[-1] == pytest.approx(card.scores[0].deletion[-1], abs=1e-5)


def test_the_same_scores_again_and_from_the_explanation_alone(scored: Explanation) -> None:
    seen: list[MapScore] = []
    again = pipeline.scorecard(dataclasses.replace(scored, scorecard=None), on_score=seen.append)
    assert tuple(seen) == again.scores
    assert scored.scorecard is not None
    for one, other in zip(scored.scorecard.scores, again.scores, strict=True):
        np.testing.assert_array_equal(one.deletion, other.deletion)
        np.testing.assert_array_equal(one.insertion, other.insertion)
        assert (one.infidelity, one.similarity) == (other.infidelity, other.similarity)
        assert one.sensitivity == other.sensitivity


def test_progress_counts_every_pass(scored: Explanation, network: Network) -> None:
    told = Told()
    pipeline.scorecard(scored, progress=told)
    inputs = network.spec.preprocess.normalise(scored.seen)
    total = passes(scored.saliency, inputs)
    assert list(told.shares) == [n / total for n in range(total)]


def test_can_be_stopped_and_leaves_the_network_alone(scored: Explanation, network: Network) -> None:
    before = {name: value.clone() for name, value in network.module.state_dict().items()}
    state = torch.get_rng_state()

    def stop(title: str, fraction: float) -> None:
        if fraction > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pipeline.scorecard(scored, progress=stop)
    assert hooks_on(network.module) == 0
    assert torch.equal(torch.get_rng_state(), state)
    for name, value in network.module.state_dict().items():
        torch.testing.assert_close(value, before[name], rtol=0, atol=0)


def test_a_class_that_was_not_predicted(network: Network, china: ImageInput) -> None:
    found = eca_viz.explain(china, network, ("saliency",), target="golf ball", scores=True)
    card = found.scorecard
    assert card is not None
    assert card.target.label == "golf ball"
    assert card.scores[0].deletion[0] == pytest.approx(card.target.probability, abs=1e-5)


def test_maps_of_one_value_are_named_and_not_scored(scored: Explanation) -> None:
    first, second, *_ = scored.saliency
    zeros = dataclasses.replace(first, values=np.zeros_like(first.values))
    card = pipeline.scorecard(dataclasses.replace(scored, saliency=(zeros, second)))
    assert card.flat == (first.title,)
    assert [score.method for score in card.scores] == [second.method, "random"]
    only = pipeline.scorecard(dataclasses.replace(scored, saliency=(zeros,)))
    assert (only.flat, only.scores) == ((first.title,), ())


def test_bad_requests_get_a_sentence(scored: Explanation) -> None:
    with pytest.raises(SaliencyError, match="no saliency maps to score"):
        pipeline.scorecard(dataclasses.replace(scored, saliency=()))
    first, second, *_ = scored.saliency
    other = dataclasses.replace(second, target=scored.predictions[1])
    with pytest.raises(SaliencyError, match="maps of several classes"):
        pipeline.scorecard(dataclasses.replace(scored, saliency=(first, other)))


def test_shuffled_weights_are_the_same_numbers_in_tensors_of_their_own(network: Network) -> None:
    other = randomised(network.module)
    ours, theirs = (dict(module.named_parameters()) for module in (network.module, other))
    assert ours.keys() == theirs.keys()
    for name, weights in ours.items():
        assert theirs[name].data_ptr() != weights.data_ptr()
        torch.testing.assert_close(
            theirs[name].flatten().sort().values, weights.flatten().sort().values, rtol=0, atol=0
        )
    assert not torch.equal(ours["conv1.weight"], theirs["conv1.weight"])
    again = dict(randomised(network.module).named_parameters())
    assert torch.equal(again["conv1.weight"], theirs["conv1.weight"])


def test_what_was_learnt_is_gone(network: Network, china: ImageInput) -> None:
    """Guided Backprop keeps more of its map than the gradient itself (Adebayo et al. 2018)."""
    found = eca_viz.explain(china, "eca_resnet18_imagenette", ("input_x_gradient",))
    card = scorecard(
        found.saliency,
        eca_viz.load_network("eca_resnet18_imagenette"),
        network.spec.preprocess.normalise(found.seen),
    )
    assert find_method(card.scores[0].method).signed
    assert abs(card.scores[0].similarity or 0) < 0.1


def test_maps_of_changed_gates_are_scored_under_the_same_gates(
    network: Network, china: ImageInput
) -> None:
    """Nothing is put back for the insertion curve's end and the deletion curve's start."""
    gates = ("layer2:half", "layer4:reference")
    found = eca_viz.explain(china, network, ("saliency", "deep_lift"), gates=gates, scores=True)
    plain = eca_viz.explain(china, network, ("saliency",), target=found.predictions[0].index)
    assert found.scorecard is not None
    changed = found.scorecard.target.probability
    assert abs(changed - plain.saliency[0].target.probability) > 0.01
    for score in found.scorecard.scores:
        assert score.deletion[0] == pytest.approx(changed, abs=1e-5)
        assert score.insertion[-1] == pytest.approx(changed, abs=1e-5)
    again = pipeline.scorecard(dataclasses.replace(found, scorecard=None))
    for one, other in zip(found.scorecard.scores, again.scores, strict=True):
        np.testing.assert_array_equal(one.insertion, other.insertion)
        assert one.sensitivity == other.sensitivity
        assert one.similarity == other.similarity
    assert hooks_on(network.module) == 0


def test_sensitivity_is_that_of_the_changed_network(network: Network, china: ImageInput) -> None:
    """The largest relative change of the map, each noisy image through the same changed gates."""
    gates = "all:permute=3"
    found = eca_viz.explain(china, network, ("input_x_gradient",), gates=gates, scores=True)
    (shown,) = found.saliency
    inputs = network.spec.preprocess.normalise(found.seen)
    generator = torch.Generator().manual_seed(0)
    changes = []
    for _ in range(3):
        noise = torch.empty(inputs.shape).uniform_(-0.02, 0.02, generator=generator)
        x = (inputs + noise).requires_grad_()
        private = network.private().module
        with eca_viz.intervene(private, gates):
            (slope,) = torch.autograd.grad(private(x)[0, shown.target.index], x)
        changes.append(np.linalg.norm((slope * x).sum(1)[0].detach().numpy() - shown.values))
    assert found.scorecard is not None
    expected = max(changes) / np.linalg.norm(shown.values)
    assert found.scorecard.scores[0].sensitivity == pytest.approx(expected, rel=1e-3)


def test_the_expected_time_is_made_of_what_will_run(scored: Explanation, network: Network) -> None:
    batch = batch_seconds(network)
    assert 0 < batch < 60
    assert expected_seconds(scored.saliency, 0.0) == pytest.approx(
        4 * sum(one.seconds for one in scored.saliency)
    )
    more = expected_seconds(scored.saliency, 1.0) - expected_seconds(scored.saliency, 0.0)
    again = sum(find_method(m.method).forwards(m.parameters, INPUTS) for m in scored.saliency)
    assert more == passes(scored.saliency, INPUTS) - 4 * again
