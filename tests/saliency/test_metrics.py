"""Each score against a plain loop, by hand, or against Captum's own."""

import itertools

import numpy as np
import pytest
import torch
from captum.metrics import infidelity, sensitivity_max
from torch import Tensor, nn

from eca_viz import load_network
from eca_viz.networks.clone import clone
from eca_viz.networks.spec import Network
from eca_viz.records import Floats, ImageInput, Prediction, as_floats
from eca_viz.saliency import metrics
from eca_viz.saliency.attribute import attribute
from eca_viz.saliency.registry import find_method

TARGET = 4


@pytest.fixture(scope="module")
def network() -> Network:
    return load_network("resnet_tiny_eca")


@pytest.fixture(scope="module")
def inputs(network: Network, china: ImageInput) -> Tensor:
    return network.spec.preprocess.see(china)[1]


def saliency(network: Network, inputs: Tensor, method: str = "input_x_gradient") -> Floats:
    target = Prediction(TARGET, "church", 0.5)
    found = attribute(find_method(method), clone(network.module), "layer4", inputs, target, {})
    return found.values


def nothing() -> None:
    pass


def test_places_by_hand() -> None:
    values = as_floats(np.array([[0.1, 0.9], [-0.5, 0.3]]))
    np.testing.assert_array_equal(metrics.places(values), [[2, 0], [3, 1]])


def test_equal_values_are_in_no_order_of_the_rows() -> None:
    values = as_floats(np.repeat([0.0, 1.0], 200).reshape(20, 20))
    place = metrics.places(values)
    assert set(place[10:].ravel()) == set(range(200))
    assert abs(np.corrcoef(place[:10].ravel(), np.arange(200))[0, 1]) < 0.2
    np.testing.assert_array_equal(place, metrics.places(values))


@pytest.mark.parametrize("kind", ["deletion", "insertion"])
def test_curves_and_areas_against_a_plain_loop(kind: str, network: Network, inputs: Tensor) -> None:
    values = saliency(network, inputs)
    grey = torch.zeros_like(inputs)
    before, after = (inputs, grey) if kind == "deletion" else (metrics.blurred(inputs), inputs)
    sizes: list[int] = []
    model = clone(network.module)
    model.register_forward_pre_hook(lambda m, args: sizes.append(len(args[0])))
    found = metrics.curve(model, before, after, values, TARGET)
    assert max(sizes) == metrics.BATCH
    order = np.argsort(-values.ravel(), kind="stable")
    expected = []
    for share in metrics.SHARES:
        picture = before.clone().flatten(2)
        changed = order[: round(float(share) * values.size)]
        picture[:, :, changed] = after.flatten(2)[:, :, changed]
        with torch.no_grad():
            logits = network.module(picture.reshape(inputs.shape))
        expected.append(torch.softmax(logits, 1)[0, TARGET].item())
    np.testing.assert_allclose(found, expected, atol=1e-5)
    area = sum((a + b) / 2 / 32 for a, b in itertools.pairwise(expected))
    assert metrics.area(found) == pytest.approx(area, abs=1e-5)


def test_infidelity_is_captums_own(network: Network, inputs: Tensor) -> None:
    """Captum's normalised one for the same rectangles, over that of a map of zeros."""
    masks = metrics.rectangles(*inputs.shape[-2:])
    drops = metrics.score_drops(network.module, inputs, masks, TARGET)
    values = saliency(network, inputs, "saliency")
    boxes = torch.tensor(masks)[:, None].expand(-1, 3, -1, -1).float()

    def paint(repeated: Tensor) -> tuple[Tensor, Tensor]:
        return boxes, repeated * (1 - boxes)

    def captum(attributions: Tensor, normalize: bool) -> float:
        with torch.no_grad():
            found = infidelity(
                network.module,
                paint,
                inputs,
                attributions,
                target=TARGET,
                n_perturb_samples=len(masks),
                normalize=normalize,
            )
        return found.item()

    spread = torch.tensor(values)[None, None].expand(1, 3, -1, -1) / 3
    expected = captum(spread, True) / captum(torch.zeros_like(inputs), False)
    assert metrics.infidelity(values, masks, drops) == pytest.approx(expected, rel=1e-3)


def test_infidelity_by_hand() -> None:
    masks = np.eye(4, dtype=bool).reshape(4, 2, 2)
    drops = np.array([1.0, 2.0, 3.0, 4.0])
    exact = as_floats(drops.reshape(2, 2))
    assert metrics.infidelity(exact * np.float32(7), masks, drops) == pytest.approx(0)
    assert metrics.infidelity(-exact, masks, drops) == 1
    assert metrics.infidelity(np.zeros((2, 2), np.float32), masks, drops) == 1
    assert metrics.infidelity(exact, masks, np.zeros(4)) == 1
    ones = np.ones((2, 2), np.float32)
    assert metrics.infidelity(ones, masks, drops) == pytest.approx(1 - 10**2 / (4 * 30))


def test_score_drops_against_a_plain_loop(network: Network, inputs: Tensor) -> None:
    masks = metrics.rectangles(*inputs.shape[-2:], count=11)
    drops = metrics.score_drops(network.module, inputs, masks, TARGET)
    for mask, fall in zip(masks, drops, strict=True):
        painted = inputs * ~torch.tensor(mask)
        with torch.no_grad():
            expected = (network.module(inputs) - network.module(painted))[0, TARGET].item()
        assert fall == pytest.approx(expected, abs=1e-4)


def test_rectangles_are_of_many_sizes_and_always_the_same() -> None:
    masks = metrics.rectangles(64, 48)
    np.testing.assert_array_equal(masks, metrics.rectangles(64, 48))
    heights, widths = masks.any(2).sum(1), masks.any(1).sum(1)
    np.testing.assert_array_equal(masks.sum((1, 2)), heights * widths)
    assert heights.min() >= 8
    assert heights.max() <= 32
    assert widths.min() >= 6
    assert widths.max() <= 24
    assert len(set(masks.sum((1, 2)))) > 30


def test_sensitivity_is_captums_own(network: Network, inputs: Tensor) -> None:
    def again(changed: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return (torch.tensor(saliency(network, changed[0]))[None],)

    values = saliency(network, inputs)
    found = metrics.sensitivity(values, inputs, lambda x: saliency(network, x), count=4)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        expected = sensitivity_max(
            again, inputs, perturb_radius=0.02, n_perturb_samples=4, max_examples_per_batch=1
        )
    assert found == pytest.approx(expected.item(), rel=1e-4)


def test_a_blurred_photograph_keeps_its_mean_and_loses_its_edges(inputs: Tensor) -> None:
    soft = metrics.blurred(inputs)
    assert soft.shape == inputs.shape
    torch.testing.assert_close(soft.mean(), inputs.mean(), atol=0.05, rtol=0)
    assert soft.diff(dim=-1).abs().max() < 0.1 * inputs.diff(dim=-1).abs().max()


def test_the_network_is_not_asked_to_learn() -> None:
    """Scores run under inference mode; nothing is left on the module."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(3 * 8 * 8, 5))
    x = torch.randn(1, 3, 8, 8)
    metrics.score_drops(model, x, metrics.rectangles(8, 8), 0)
    assert all(weights.grad is None for weights in model.parameters())
