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
from eca_viz import figures
from eca_viz.analysis.channel_steps import receptive_window, terms_table
from eca_viz.analysis.reading import POOLINGS, reading_note
from eca_viz.attention.lookalikes import with_guesses
from eca_viz.attention.mechanisms.eca import ECALayer
from eca_viz.errors import NetworkError, SelectionError
from eca_viz.gates.forward import attend
from eca_viz.inspection.channel_steps import channel_steps
from eca_viz.inspection.mixing_matrix import respond
from eca_viz.networks.bundled.ablation import trained_variants
from eca_viz.networks.loading import load_network
from eca_viz.networks.registry import DEFAULT_NETWORK
from eca_viz.networks.spec import Network
from eca_viz.records import ChannelSteps, Explanation
from tests.factories import randomise, se_layers
from tests.layers_by_output import SRM, CalledECAMLP, ContextBlock, ConvSRM, OfficialGCT

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
    weight = {
        "sigmoid": 1 / (1 + math.exp(-total)),
        "hard sigmoid": min(max(total / 6 + 0.5, 0), 1),
        "1 + tanh": 1 + math.tanh(total),
    }[one.activation]
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


EXPLAINED_BY_OUTPUT = [
    (SRM, "srm", "its own channel alone, by its average and its standard deviation"),
    (ConvSRM, "srm", "its own channel alone, by its average and its standard deviation"),
    (OfficialGCT, "gct", "all 24 channels through its share"),
    (CalledECAMLP, "eca_mlp", "channels 1 to 5, each through 4 values h"),
    (ContextBlock, "global_context", "all 24 channels through the 6 values of the bottleneck"),
]


def behind_a_convolution(layer: nn.Module, explained: Explanation) -> tuple[Network, Explanation]:
    """A network of images with the layer, at random weights, and an explanation."""
    torch.manual_seed(5)
    for parameter in layer.parameters():
        nn.init.normal_(parameter)
    head = (nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(24, 4))
    model = nn.Sequential(nn.Conv2d(3, 24, 5, stride=4), layer, *head)
    network = Network.wrap(model, preprocess={"resize": 64, "crop": 64})
    return network, eca_viz.explain(explained.image, network, ())


@pytest.mark.parametrize(("layer", "mechanism", "window"), EXPLAINED_BY_OUTPUT)
def test_a_network_with_a_layer_that_is_read_by_output_adds_up(
    layer: type[nn.Module], mechanism: str, window: str, explained: Explanation
) -> None:
    network, explanation = behind_a_convolution(layer(), explained)
    (record,) = explanation.attention
    assert (record.mechanism, record.verified) == (mechanism, "formula")
    assert check_all(network, explanation) == 24
    (one,) = channel_steps(network, explanation, "1", [3])
    assert window in receptive_window(one, record.channels)
    table = terms_table(one.terms)
    assert table["sum"].iloc[-1] == pytest.approx(one.logit, abs=TOLERANCE)
    assert np.isfinite(figures.channel_terms(one).data[0].y).all()
    response = respond(network, explanation, "1")
    one_minus = record.weights * (1 - record.weights)
    slope = record.weights * (2 - record.weights) if mechanism == "gct" else one_minus
    np.testing.assert_allclose(response.jacobian, slope[0, :, None] * response.matrix, atol=1e-4)
    diagonal = np.count_nonzero(response.matrix) == 24
    assert diagonal == (mechanism == "srm")
    changed = eca_viz.explain(explained.image, network, (), gates="all:half")
    with pytest.raises(NetworkError, match="was not computed as"):
        channel_steps(network, changed, "1", [3])


def test_what_each_value_is_stands_beside_its_channel(explained: Explanation) -> None:
    layer = CalledECAMLP()
    network, explanation = around(nn.Sequential(layer), 24, explained)
    (one,) = channel_steps(network, explanation, "0", [0])
    assert one.terms.names == tuple(f"h{number}" for number in range(4) for _ in range(5))
    assert one.terms.indices.tolist() == [-1, -1, 0, 1, 2] * 4
    assert terms_table(one.terms)["from"].tolist()[:6] == [
        "padding",
        "padding",
        "h0 of 0",
        "h0 of 1",
        "h0 of 2",
        "padding",
    ]
    values = layer.widen.weight.flatten() * float(explanation.attention[0].descriptor[0, 2])
    expected = nn.functional.silu(values + layer.widen.bias).detach()
    np.testing.assert_allclose(one.terms.values[4::5], expected, rtol=1e-5)
    labels = figures.channel_terms(one).layout.xaxis.ticktext
    assert {label.partition("<br>")[0] for label in labels} <= {"h0", "h1", "h2", "h3"} | {
        "16",
        "12",
        "padding",
        "z",
    }


def test_a_tangent_has_its_own_curve(explained: Explanation) -> None:
    network, explanation = behind_a_convolution(OfficialGCT(), explained)
    (one,) = channel_steps(network, explanation, "1", [2])
    figure = figures.activation_curve(one)
    curve = figure.data[0]
    np.testing.assert_allclose(curve.y, 1 + np.tanh(curve.x))
    assert tuple(figure.layout.yaxis.range) == (0, 2)
    assert reading_note(explanation.attention[0]) == f"Here y is {POOLINGS['l2 norm']}."


def test_a_norm_over_the_batch_leaves_no_terms(explained: Explanation) -> None:
    layer = SRM()
    layer.norm = nn.BatchNorm1d(24, track_running_stats=False)
    model = nn.Sequential(nn.Conv2d(3, 24, 5, stride=4), layer)
    with eca_viz.capture(model) as recorder, torch.no_grad():
        model(torch.randn(3, 3, 48, 48))
    assert [one.mechanism for one in recorder.records] == ["srm"]
    explanation = dataclasses.replace(explained, attention=recorder.records)
    layers, _ = with_guesses(model, ())
    network = dataclasses.replace(load_network(DEFAULT_NETWORK), module=model)
    vars(network)["_attention"] = (layers, {})
    with pytest.raises(NetworkError, match="no sums of terms of one image, since its batch norm"):
        channel_steps(network, explanation, "1", [0])


def test_the_note_of_a_layer_that_takes_deviations_names_them(explained: Explanation) -> None:
    _, explanation = behind_a_convolution(SRM(), explained)
    assert "this layer takes s, the standard deviation" in reading_note(explanation.attention[0])
