"""Every weight can be worked out again from what the step view shows."""

import dataclasses
import math

import numpy as np
import pytest
import timm.layers
import torch
from torch import nn
from torchvision import models

import eca_viz
from eca_viz.attention.mechanisms.eca import ECALayer
from eca_viz.errors import NetworkError, SelectionError
from eca_viz.gates.forward import attend
from eca_viz.inspection.channel_steps import channel_steps
from eca_viz.networks.bundled.ablation import trained_variants
from eca_viz.networks.loading import load_network
from eca_viz.networks.registry import DEFAULT_NETWORK
from eca_viz.networks.spec import Network
from eca_viz.records import ChannelSteps, Explanation
from tests.factories import randomise, se_layers

SHIPPED = (DEFAULT_NETWORK, *trained_variants().values())
TOLERANCE = 1e-5


def adds_up(one: ChannelSteps) -> None:
    """What a reader with a calculator does, from the first number to the weight."""
    terms = one.terms
    total = terms.bias
    for value, coefficient in zip(terms.values.tolist(), terms.coefficients.tolist(), strict=True):
        total += value * coefficient
    assert total == pytest.approx(one.logit, abs=TOLERANCE)
    assert terms.total == pytest.approx(one.logit, abs=TOLERANCE)
    hard = min(max(total / 6 + 0.5, 0), 1)
    weight = hard if one.activation == "hard sigmoid" else 1 / (1 + math.exp(-total))
    assert weight == pytest.approx(one.weight, abs=TOLERANCE)
    assert not terms.values[terms.indices == -1].any()


def check_all(network: Network, explanation: Explanation) -> int:
    """Every channel of every layer, and every sum in every bottleneck; how many channels."""
    count = 0
    for record in explanation.attention:
        steps = channel_steps(network, explanation, record.layer, range(record.channels))
        for one in steps:
            adds_up(one)
        bottleneck = steps[0].bottleneck
        for place, total in enumerate([] if bottleneck is None else bottleneck.sums):
            terms = bottleneck.terms(place, record.descriptor[0])
            assert terms.total == pytest.approx(float(total), abs=TOLERANCE)
        count += len(steps)
    return count


@pytest.mark.parametrize("name", SHIPPED)
def test_every_channel_of_every_shipped_network_adds_up(name: str, explained: Explanation) -> None:
    network = load_network(name)
    explanation = eca_viz.explain(explained.image, network, saliency=())
    count = check_all(network, explanation)
    assert count == sum(record.channels for record in explanation.attention)
    assert count > 0 or name == "resnet_tiny_none"


def around(module: nn.Module, channels: int, explained: Explanation) -> tuple[Network, Explanation]:
    """A network that is `module` alone, and an explanation with what it captures of noise."""
    network = dataclasses.replace(load_network(DEFAULT_NETWORK), module=module.eval())
    inputs = torch.randn(1, channels, 48, 48, generator=torch.Generator().manual_seed(3))
    _, attention = attend(network.private(), inputs)
    return network, dataclasses.replace(explained, attention=attention)


@pytest.mark.parametrize("name", ["mobilenet_v3_small", "efficientnet_b0", "regnet_y_400mf"])
def test_se_networks_of_torchvision_add_up(name: str, explained: Explanation) -> None:
    """Biases, hard sigmoids and SiLU."""
    with torch.random.fork_rng():
        torch.manual_seed(2)
        model = randomise(models.get_model(name, num_classes=4))
    network, explanation = around(model, 3, explained)
    assert check_all(network, explanation) > 100


@pytest.mark.parametrize("layer", [layer for layer, _, _ in se_layers()])
def test_se_layers_of_every_make_add_up(layer: nn.Module, explained: Explanation) -> None:
    channels = next(p.shape[1] for p in layer.parameters() if p.ndim > 1)
    network, explanation = around(nn.Sequential(layer), channels, explained)
    (one,) = channel_steps(network, explanation, "0", [0])
    assert (one.bottleneck is None) == (one.mechanism == "se_var3")
    assert check_all(network, explanation) == channels


@pytest.mark.parametrize(
    ("layer", "mechanism"),
    [
        (timm.layers.EcaModule(32), "eca"),
        (timm.layers.CecaModule(32), "ceca"),
        (ECALayer(32, 9), "eca"),
        (ECALayer(2, 7), "eca"),
    ],
)
def test_eca_layers_of_every_make_add_up(
    layer: nn.Module, mechanism: str, explained: Explanation
) -> None:
    channels = 2 if getattr(layer, "channels", 32) == 2 else 32
    network, explanation = around(nn.Sequential(layer), channels, explained)
    assert explanation.attention[0].mechanism == mechanism
    assert check_all(network, explanation) == channels


def test_a_convolution_with_a_bias_adds_up(explained: Explanation) -> None:
    layer = ECALayer(16, 3)
    layer.conv = nn.Conv1d(1, 1, 3, padding=1)
    network, explanation = around(nn.Sequential(layer), 16, explained)
    assert check_all(network, explanation) == 16


def test_zeros_stand_beyond_the_edge(explained: Explanation) -> None:
    network = load_network(DEFAULT_NETWORK)
    record = explained.attention[-1]
    first, last = channel_steps(network, explained, record.layer, [0, record.channels - 1])
    assert first.terms.places.tolist() == [-2, -1, 0, 1, 2]
    assert first.terms.indices.tolist() == [-1, -1, 0, 1, 2]
    assert last.terms.indices.tolist() == [509, 510, 511, -1, -1]
    np.testing.assert_array_equal(first.terms.coefficients, record.taps)
    np.testing.assert_array_equal(first.terms.values[2:], record.descriptor[0, :3])


def test_a_circular_window_goes_on_at_the_other_end(explained: Explanation) -> None:
    layer = timm.layers.CecaModule(kernel_size=5)
    network, explanation = around(nn.Sequential(layer), 8, explained)
    (one,) = channel_steps(network, explanation, "0", [1])
    assert one.terms.places.tolist() == [-1, 0, 1, 2, 3]
    assert one.terms.indices.tolist() == [7, 0, 1, 2, 3]


def test_a_bottleneck_names_what_stands_in_it(explained: Explanation) -> None:
    layer = timm.layers.SEModule(32, rd_channels=8, norm_layer=nn.BatchNorm2d)
    network, explanation = around(nn.Sequential(layer), 32, explained)
    (one,) = channel_steps(network, explanation, "0", [3])
    assert one.bottleneck is not None
    assert one.bottleneck.activation == "BatchNorm2d, ReLU"
    assert one.bottleneck.weight.shape == (8, 32)


@pytest.mark.parametrize("channel", [-1, 512])
def test_a_channel_that_is_not_there(channel: int, explained: Explanation) -> None:
    layer = explained.attention[-1].layer
    with pytest.raises(SelectionError, match=f"no channel {channel}; give one from 0 to 511"):
        channel_steps(load_network(DEFAULT_NETWORK), explained, layer, [channel])


class Halves(nn.Module):
    """Scales its channels, but is built like no mechanism."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * 0.5


@pytest.mark.parametrize("change", ["layer4.1.eca:permute=1", "layer4.1.eca:channel=3,0.9"])
def test_gates_that_were_changed_have_no_steps(change: str, explained: Explanation) -> None:
    network = eca_viz.load_network("eca_resnet18_imagenette")
    changed = eca_viz.explain(explained.image, network, (), gates=change)
    with pytest.raises(eca_viz.NetworkError, match="channel 3 of layer4.1.eca was not computed as"):
        channel_steps(network, changed, "layer4.1.eca", [3])
    (before,) = channel_steps(network, changed, "layer1.0.eca", [3])
    assert before.terms.total == pytest.approx(before.logit, abs=1e-4)


def test_a_layer_whose_inside_is_not_known(explained: Explanation) -> None:
    model = nn.Sequential(Halves())
    with eca_viz.capture(model, also=["0"]) as recorder, torch.no_grad():
        model(torch.randn(1, 4, 3, 3))
    explanation = dataclasses.replace(explained, attention=recorder.records)
    network = dataclasses.replace(load_network(DEFAULT_NETWORK), module=model)
    with pytest.raises(NetworkError, match="is known by its input and output alone"):
        channel_steps(network, explanation, "0", [1])
