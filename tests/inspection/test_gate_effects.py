"""Does a gate matter: exact against one intervention at a time, whatever the network."""

import dataclasses

import numpy as np
import pytest
import timm
import torch
from captum.attr import LayerGradientXActivation
from torch import nn

import eca_viz
from eca_viz.gates.reference import reference_gates
from eca_viz.inspection.gate_effects import channel_effects, layer_effects
from eca_viz.networks import clone as networks_clone
from eca_viz.networks.architectures.eca_resnet import eca_resnet50
from eca_viz.networks.clone import clone
from eca_viz.networks.spec import Network
from eca_viz.records import Explanation, ImageInput
from tests.factories import Told, hooks_on, make_network
from tests.layers import GateECA
from tests.layers_by_output import GCT

TINY = "resnet_tiny_eca"


def logit(network: Network, explanation: Explanation, gates: list[str], target: int) -> float:
    inputs = network.spec.preprocess.normalise(explanation.seen)
    usual = reference_gates(network).gates
    private = clone(network.module)
    with torch.no_grad(), eca_viz.intervene(private, gates, reference=usual):
        return float(private(inputs)[0, target])


def network_of(module: nn.Module, sha256: str) -> Network:
    """Untrained, with gates that differ from image to image."""
    for part in module.modules():
        if isinstance(part, nn.Conv1d):
            part.weight.data.mul_(50)
    return make_network(
        module.eval().requires_grad_(False),
        labels=("a", "b", "c", "d"),
        sha256=sha256,
        gradcam_layer="layer4",
    )


@pytest.fixture(
    scope="module",
    params=["resnet_tiny_eca", "resnet_tiny_se", "bottleneck", "timm", "gates alone"],
)
def network(request: pytest.FixtureRequest) -> Network:
    torch.manual_seed(0)
    if request.param == "bottleneck":
        return network_of(eca_resnet50(num_classes=4), "a" * 64)
    if request.param == "gates alone":
        body = (nn.Conv2d(3, 24, 5, stride=4), GateECA(), nn.ReLU(), nn.Conv2d(24, 24, 3), GCT())
        head = (nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(24, 4))
        model = nn.Sequential(*body, *head)
        for part in (model[1].weight, model[4].gamma):
            nn.init.normal_(part, std=0.5)
        return Network.wrap(model, preprocess={"resize": 64, "crop": 64})
    if request.param == "timm":
        module = timm.create_model("ecaresnet26t", num_classes=4, zero_init_last=False)
        return network_of(module, "b" * 64)
    return eca_viz.load_network(request.param)


@pytest.mark.parametrize("place", [0, -1])
def test_each_change_is_that_of_one_intervention(
    network: Network, china: ImageInput, place: int
) -> None:
    explanation = eca_viz.explain(china, network, ())
    record = explanation.attention[place]
    found = channel_effects(
        network, explanation, record.layer, 2, batch=50, reference=reference_gates(network)
    )
    assert found.logit == pytest.approx(logit(network, explanation, [], 2), rel=1e-5)
    usual = reference_gates(network).gates[record.layer]
    np.testing.assert_array_equal(found.reference, usual)
    for channel in (0, 17, record.channels - 1):
        text = f"{record.layer}:channel={channel},{usual[channel]:.7f}"
        expected = logit(network, explanation, [text], 2) - found.logit
        assert found.change[channel] == pytest.approx(expected, abs=3e-5 * abs(found.logit))
    assert np.abs(found.change).max() > 1e-3 * abs(found.logit)
    assert hooks_on(network.module) == 0


def test_changed_gates_stay_changed(china: ImageInput) -> None:
    network = eca_viz.load_network(TINY)
    gates = ["layer4:half", "layer2:reference"]
    explanation = eca_viz.explain(china, network, (), gates=gates)
    layer = explanation.attention[-2].layer
    found = channel_effects(network, explanation, layer, 1, reference=reference_gates(network))
    assert found.logit == pytest.approx(logit(network, explanation, gates, 1), abs=1e-4)
    text = f"{layer}:channel=5,{found.reference[5]:.7f}"
    expected = logit(network, explanation, [*gates, text], 1) - found.logit
    assert found.change[5] == pytest.approx(expected, abs=2e-4)
    halves = channel_effects(
        network, explanation, explanation.attention[-1].layer, 1, reference=reference_gates(network)
    )
    assert (halves.weights == 0.5).all()


def test_a_network_that_fixes_its_batch_size_runs_from_the_start(china: ImageInput) -> None:
    class Stubborn(nn.Module):
        def __init__(self, inner: nn.Module) -> None:
            super().__init__()
            self.inner = inner

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            scores: torch.Tensor = self.inner(x)
            return scores.reshape(len(x), 10)

    shipped = eca_viz.load_network(TINY)
    stubborn = dataclasses.replace(
        shipped,
        module=Stubborn(shipped.module),
        record=dataclasses.replace(shipped.record, sha256="d" * 64),
    )
    plain = dataclasses.replace(
        shipped, record=dataclasses.replace(shipped.record, sha256="c" * 64)
    )
    found, expected = (
        channel_effects(
            network,
            explanation,
            explanation.attention[-1].layer,
            2,
            reference=reference_gates(network),
        )
        for network in (stubborn, plain)
        for explanation in (eca_viz.explain(china, network, ()),)
    )
    np.testing.assert_allclose(found.change, expected.change, atol=1e-5)


def test_the_attribution_is_captums_on_the_gated_maps(network: Network, china: ImageInput) -> None:
    explanation = eca_viz.explain(china, network, ())
    layer = explanation.attention[-1].layer
    found = channel_effects(
        network, explanation, layer, 3, reference=reference_gates(network)
    ).attribution
    private = clone(network.module)
    inputs = network.spec.preprocess.normalise(explanation.seen).requires_grad_()
    gated = LayerGradientXActivation(private, private.get_submodule(layer))
    expected = gated.attribute(inputs, target=3)[0].sum((1, 2)).detach()
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-5)


def test_layers_one_by_one(china: ImageInput) -> None:
    network = eca_viz.load_network(TINY)
    explanation = eca_viz.explain(china, network, ())
    found = layer_effects(network, explanation, 2, reference=reference_gates(network))
    assert found.layers == tuple(record.layer for record in explanation.attention)
    for name, change, distance in zip(found.layers, found.change, found.distance, strict=True):
        expected = logit(network, explanation, [f"{name}:reference"], 2) - found.logit
        assert change == pytest.approx(expected, abs=1e-4)
        usual = reference_gates(network).gates[name]
        moved = np.abs(explanation.layer(name).weights[0] - usual).mean()
        assert distance == pytest.approx(moved, abs=1e-6)


@pytest.mark.parametrize("measure", ["channels", "layers"])
def test_an_exception_from_progress_ends_it(china: ImageInput, measure: str) -> None:
    class Enough(Exception):
        pass

    told = Told()

    def stop(what: str, fraction: float) -> None:
        told(what, fraction)
        if len(told.shares) == 2:
            raise Enough

    network = eca_viz.load_network(TINY)
    explanation = eca_viz.explain(china, network, ())
    layer = explanation.attention[-1].layer
    runs = {
        "channels": lambda: channel_effects(
            network, explanation, layer, 0, progress=stop, reference=reference_gates(network)
        ),
        "layers": lambda: layer_effects(
            network, explanation, 0, reference=reference_gates(network), progress=stop
        ),
    }
    with pytest.raises(Enough):
        runs[measure]()
    first, second = told.shares
    assert first == 0 < second < 1
    assert hooks_on(network.module) == 0


def test_the_network_runs_once_up_to_the_layer(
    china: ImageInput, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = eca_viz.load_network(TINY)
    explanation = eca_viz.explain(china, network, ())
    sizes: list[tuple[int, int]] = []

    def watched(module: nn.Module) -> nn.Module:
        private = clone(module)
        private.conv1.register_forward_hook(lambda *call: sizes.append((0, len(call[2]))))
        private.fc.register_forward_hook(lambda *call: sizes.append((1, len(call[2]))))
        return private

    reference_gates(network)
    monkeypatch.setattr(networks_clone, "clone", watched)
    channel_effects(
        network,
        explanation,
        explanation.attention[-1].layer,
        0,
        batch=64,
        reference=reference_gates(network),
    )
    first = [size for place, size in sizes if place == 0]
    last = [size for place, size in sizes if place == 1]
    assert first == [1] * len(first)
    assert last.count(64) == 2


@pytest.mark.parametrize("target", [-1, 10, 9999])
def test_an_unknown_class_is_answered_with_the_classes(china: ImageInput, target: int) -> None:
    network = eca_viz.load_network(TINY)
    explanation = eca_viz.explain(china, network, ())
    reference = reference_gates(network)
    with pytest.raises(eca_viz.SelectionError, match="give 0 to 9"):
        channel_effects(network, explanation, "layer4.0.attention", target, reference=reference)
    with pytest.raises(eca_viz.SelectionError, match="give 0 to 9"):
        layer_effects(network, explanation, target, reference=reference)
