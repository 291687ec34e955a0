"""Attention, Grad-CAM and feature maps out of one forward pass equal those of a pass each."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torchvision.models import mobilenet_v3_small, resnet18

import eca_viz
from eca_viz import pipeline
from eca_viz.errors import NetworkError
from eca_viz.inspection import all_feature_maps
from eca_viz.networks.spec import Network
from eca_viz.networks.state import prepare
from eca_viz.records import Explanation, ImageInput, SaliencyMap
from tests.factories import Told, hooks_on, make_network, randomise

LABELS = tuple("abcdef")


def of_torchvision(build: Callable[..., nn.Module], layer: str) -> Callable[[], Network]:
    def make() -> Network:
        module = prepare(randomise(build(num_classes=len(LABELS))))
        return make_network(module, side=96, labels=LABELS, gradcam_layer=layer)

    return make


NETWORKS: dict[str, Callable[[], Network]] = {
    "bundled": lambda: eca_viz.load_network("eca_resnet18_imagenette"),
    "se": lambda: eca_viz.load_network("resnet_tiny_se"),
    "shared_modules": of_torchvision(mobilenet_v3_small, "features"),
    "no_attention": of_torchvision(resnet18, "layer4"),
}
CASES: list[tuple[str, dict[str, Any]]] = [
    *((name, {}) for name in NETWORKS),
    *((name, {"target": 3}) for name in NETWORKS),
    ("bundled", {"gates": "layer4:shuffle=3"}),
    ("bundled", {"gates": ("all:reference", "layer1.0.eca:channel=17,0"), "target": "church"}),
    ("se", {"gates": "all:ones"}),
    ("bundled", {"layer": "layer2.0.eca"}),
    ("se", {"layer": "layer4.0.attention", "gates": "layer4:half"}),
]


def assert_close(found: np.ndarray, expected: np.ndarray) -> None:
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6 * np.abs(expected).max())


def assert_same(found: Explanation, expected: Explanation) -> None:
    assert_close(found.probabilities, expected.probabilities)
    assert found.gates == expected.gates
    assert [one.label for one in found.predictions] == [one.label for one in expected.predictions]
    assert [one.layer for one in found.attention] == [one.layer for one in expected.attention]
    for one, other in zip(found.attention, expected.attention, strict=True):
        assert one.order == other.order
        assert_close(one.descriptor, other.descriptor)
        assert_close(one.logits, other.logits)
        assert_close(one.weights, other.weights)


def assert_same_map(found: SaliencyMap, expected: SaliencyMap) -> None:
    assert found.target.index == expected.target.index
    assert found.parameters == expected.parameters
    assert expected.values.any()
    assert_close(found.values, expected.values)


@pytest.mark.parametrize(("name", "options"), CASES, ids=str)
def test_one_pass_gives_what_two_give(
    name: str, options: dict[str, Any], china: ImageInput
) -> None:
    network = NETWORKS[name]()
    layer = {key: value for key, value in options.items() if key == "layer"}
    gates, target = options.get("gates", ()), options.get("target")
    told = Told()
    found = eca_viz.explain(
        china,
        network,
        "grad_cam",
        target,
        gates=gates,
        parameters={"grad_cam": layer},
        progress=told,
    )
    expected = eca_viz.explain(china, network, (), gates=gates)
    assert_same(found, expected)
    separate = pipeline.saliency_map(
        expected, "grad_cam", target, parameters=layer, network=network
    )
    assert_same_map(found.saliency[0], separate)
    assert told.titles == {"Grad-CAM"}
    assert list(told.shares) == [0.0]
    assert hooks_on(network.module) == 0


def test_the_network_runs_once(china: ImageInput, monkeypatch: pytest.MonkeyPatch) -> None:
    network = NETWORKS["bundled"]()
    passes: list[int] = []
    forward = type(network.module).forward

    def counted(self: nn.Module, x: Tensor) -> Tensor:
        passes.append(len(x))
        return forward(self, x)

    monkeypatch.setattr(type(network.module), "forward", counted)
    eca_viz.explain(china, network, "grad_cam")
    pipeline.first_look(china, network)
    assert passes == [1, 1]


def test_maps_keep_the_order_of_the_request(china: ImageInput) -> None:
    network = NETWORKS["se"]()
    found = eca_viz.explain(china, network, ("saliency", "grad_cam", "input_x_gradient"), 2)
    assert [one.method for one in found.saliency] == ["saliency", "grad_cam", "input_x_gradient"]
    assert {one.target.index for one in found.saliency} == {2}
    alone = eca_viz.explain(china, network, ("saliency",), 2)
    assert_same_map(found.saliency[0], alone.saliency[0])


@pytest.mark.parametrize(
    ("name", "gates"),
    [*((name, ()) for name in NETWORKS), ("bundled", "layer4:shuffle=3"), ("se", "all:ones")],
    ids=str,
)
def test_a_first_look_is_the_explanation_and_its_feature_maps(
    name: str, gates: Any, china: ImageInput
) -> None:
    network = NETWORKS[name]()
    found, features = pipeline.first_look(china, network, gates=gates)
    expected = eca_viz.explain(china, network, "grad_cam", gates=gates)
    assert_same(found, expected)
    assert_same_map(found.saliency[0], expected.saliency[0])
    maps = all_feature_maps(network, expected)
    assert features.keys() == maps.keys() == {one.layer for one in expected.attention}
    for layer, kept in maps.items():
        assert_close(features[layer].before, kept.before)


@pytest.mark.parametrize("saliency", [(), ("grad_cam",)])
def test_numbers_that_are_not_finite_are_said(saliency: tuple[str, ...], china: ImageInput) -> None:
    network = NETWORKS["no_attention"]()
    with torch.no_grad():
        network.module.fc.weight[0, 0] = float("nan")
    with pytest.raises(NetworkError, match="not finite for china"):
        eca_viz.explain(china, network, saliency)
