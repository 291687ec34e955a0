"""Interventions: exact against networks built otherwise, and gone without a trace."""

import copy

import numpy as np
import pytest
import timm
import torch
from timm.layers import CecaModule
from torch import Tensor, nn
from torchvision.models import mobilenet_v3_small

import eca_viz
from eca_viz.attention.mechanisms.eca import CIRCULAR_ECA, ECA, ECALayer
from eca_viz.attention.mechanisms.se import SELayer
from eca_viz.attention.variants import VARIANTS, Sizes
from eca_viz.errors import GateError, SelectionError
from eca_viz.networks.architectures.ablation_resnet import TinyResNet
from eca_viz.networks.architectures.eca_resnet import eca_resnet18, eca_resnet50
from eca_viz.networks.bundled.shipped import LABELS
from tests.factories import hooks_on, randomise
from tests.layers import ECAOnBoth

ATTENTIVE = [variant.name for variant in VARIANTS if variant.name != "none"]


@pytest.fixture(scope="module")
def images() -> Tensor:
    return torch.randn(3, 3, 64, 64, generator=torch.Generator().manual_seed(1))


def tiny(attention: str) -> nn.Module:
    torch.manual_seed(0)
    return randomise(TinyResNet(attention, len(LABELS)))


@pytest.mark.parametrize("attention", ATTENTIVE)
def test_all_ones_is_the_network_without_attention(attention: str, images: Tensor) -> None:
    model = tiny(attention)
    without = TinyResNet("none", len(LABELS)).eval()
    without.load_state_dict(
        {name: value for name, value in model.state_dict().items() if ".attention." not in name}
    )
    with torch.no_grad(), eca_viz.intervene(model, "ones"):
        torch.testing.assert_close(model(images), without(images))


@pytest.mark.parametrize("attention", ATTENTIVE)
def test_setting_the_gates_to_what_they_were_changes_nothing(
    attention: str, images: Tensor
) -> None:
    model = tiny(attention)
    with torch.no_grad():
        with eca_viz.capture(model) as recorder:
            expected = model(images)
        gates = {record.layer: record.weights.copy() for record in recorder.records}
        with eca_viz.intervene(model, gates=gates):
            torch.testing.assert_close(model(images), expected, rtol=0, atol=0)


@pytest.mark.parametrize("taps", [[0.5], [0.1, -0.8, 0.3], [1.0, 0.0, 0.5, 0.25, -0.5]])
@pytest.mark.parametrize("circular", [False, True])
def test_taps_by_hand_are_those_of_a_layer_that_is_built_with_them(
    taps: list[float], images: Tensor, *, circular: bool
) -> None:
    k, values = len(taps), torch.tensor(taps)
    net = nn.Sequential(
        nn.Conv2d(3, 24, 3), CecaModule(kernel_size=5) if circular else ECALayer(24, 5)
    ).eval()
    built = copy.deepcopy(net)
    built[1] = CecaModule(kernel_size=k) if circular else ECALayer(24, k)
    built[1].conv.weight.data.copy_(values.reshape(1, 1, -1))
    own = net[1].conv.weight.clone()
    with torch.no_grad():
        before, expected = net(images), built(images)
        with eca_viz.intervene(net, f"1:taps={','.join(map(str, taps))}"):
            with eca_viz.capture(net) as recorder:
                torch.testing.assert_close(net(images), expected)
            (record,) = recorder.records
            np.testing.assert_allclose(record.taps, values)
            assert (record.kernel_size, record.verified) == (k, "formula")
        assert torch.equal(net(images), before)
    assert torch.equal(net[1].conv.weight, own)
    with eca_viz.capture(net) as recorder, torch.no_grad():
        net(images)
    assert recorder.records[0].kernel_size == 5


def test_taps_of_a_layer_on_average_and_maximum(images: Tensor) -> None:
    net = nn.Sequential(nn.Conv2d(3, 24, 3), ECAOnBoth(24)).eval()
    x = net[0](images).detach()
    y = x.mean((2, 3)) + x.amax((2, 3))
    with torch.no_grad(), eca_viz.intervene(net, "1:taps=0.5"):
        torch.testing.assert_close(net(images), x * torch.sigmoid(y / 2)[:, :, None, None])


def test_a_layer_without_shared_taps_refuses_them() -> None:
    with (
        pytest.raises(
            GateError, match="got taps for layer1.0.attention, whose mechanism SE has no"
        ),
        eca_viz.intervene(tiny("se"), "taps=1"),
    ):
        pass


def permuted_by_hand(layer: nn.Module, x: Tensor, order: Tensor) -> Tensor:
    """The gates of a layer that meets its channels in another order, in their own order."""
    seen: list[Tensor] = []
    hook = layer.sigmoid.register_forward_hook(lambda *args: seen.append(args[2].flatten(1)))
    layer(x[:, order])
    hook.remove()
    return seen[0][:, torch.argsort(order)]


@pytest.mark.parametrize("attention", ATTENTIVE)
def test_permuting_is_the_layer_on_permuted_channels(attention: str) -> None:
    torch.manual_seed(3)
    variant = next(variant for variant in VARIANTS if variant.name == attention)
    layer, x = variant.build(24, Sizes()).eval(), torch.randn(2, 24, 5, 5)
    order = torch.randperm(24, generator=torch.Generator().manual_seed(7))
    model = nn.Sequential(layer)
    with torch.no_grad():
        expected = permuted_by_hand(layer, x, order)
        with eca_viz.intervene(model, "permute=7"), eca_viz.capture(model) as recorder:
            found = model(x)
    torch.testing.assert_close(found, x * expected[:, :, None, None])
    record = recorder.records[0]
    np.testing.assert_allclose(record.weights, expected, rtol=1e-5)
    np.testing.assert_allclose(record.descriptor, x.mean((2, 3)), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(record.weights, 1 / (1 + np.exp(-record.logits)), rtol=1e-5)


def test_permuting_moves_eca_and_not_a_diagonal() -> None:
    """What hears only itself cannot care who its neighbour is."""
    torch.manual_seed(0)
    x = torch.randn(1, 16, 4, 4)
    moved = {}
    for variant in VARIANTS[1:]:
        model = nn.Sequential(variant.build(16, Sizes())).eval()
        with torch.no_grad():
            before = model(x)
            with eca_viz.intervene(model, "permute=1"):
                moved[variant.name] = not torch.allclose(model(x), before, atol=1e-6)
    assert not moved["se_var1"]
    assert moved["se_var2"] == moved["eca"] == moved["eca_ns"] == moved["se"] is True


def circular_gates(y: Tensor, taps: Tensor) -> Tensor:
    """By rolling: channel i hears i - m … i + m, counted round; taps (k,) or (C, k)."""
    k = taps.shape[-1]
    rolled = torch.stack([torch.roll(y, k // 2 - place, -1) for place in range(k)], -1)
    return torch.sigmoid((rolled * taps).sum(-1))


@pytest.mark.parametrize(("attention", "channels"), [("eca", 40), ("eca_ns", 40), ("eca", 3)])
def test_circular_padding_is_rolling(attention: str, channels: int) -> None:
    torch.manual_seed(0)
    variant = next(variant for variant in VARIANTS if variant.name == attention)
    layer, x = variant.build(channels, Sizes()).eval(), torch.randn(2, channels, 4, 4)
    taps = layer.conv.weight.flatten() if attention == "eca" else layer.mix.weight
    with torch.no_grad():
        expected = x * circular_gates(x.mean((2, 3)), taps)[:, :, None, None]
        with eca_viz.intervene(nn.Sequential(layer), "circular"):
            torch.testing.assert_close(layer(x), expected)


def test_where_nothing_is_padded_with_zeros_circular_is_refused() -> None:
    for layer in (SELayer(16), timm.layers.CecaModule(16)):
        with pytest.raises(GateError, match="pads nothing with zeros"):
            eca_viz.intervene(nn.Sequential(layer.eval()), "circular").__enter__()


def test_a_layer_that_pads_by_itself_is_permuted_without_its_margins() -> None:
    torch.manual_seed(0)
    layer, x = timm.layers.CecaModule(12).eval(), torch.randn(2, 12, 4, 4)
    assert CIRCULAR_ECA.recognises(layer)
    assert not ECA.recognises(layer)
    order = torch.randperm(12, generator=torch.Generator().manual_seed(5))
    gates = circular_gates(x.mean((2, 3))[:, order], layer.conv.weight.flatten())
    expected = x * gates[:, torch.argsort(order)][:, :, None, None]
    with torch.no_grad(), eca_viz.intervene(nn.Sequential(layer), "permute=5"):
        torch.testing.assert_close(layer(x), expected)


def test_only_the_named_place_changes(images: Tensor) -> None:
    model = randomise(eca_resnet18(num_classes=4))
    with torch.no_grad():
        with eca_viz.capture(model) as recorder:
            model(images)
        before = {record.layer: record.weights for record in recorder.records}
        changes = ["layer3:half", "layer4.1.eca:channel=17,0", "layer4.1.eca:channel=18,1"]
        with eca_viz.intervene(model, changes), eca_viz.capture(model) as recorder:
            model(images)
    after = {record.layer: record.weights for record in recorder.records}
    for name in ("layer1.0.eca", "layer2.1.eca"):
        np.testing.assert_array_equal(after[name], before[name])
    assert (after["layer3.0.eca"] == 0.5).all()
    assert (after["layer3.1.eca"] == 0.5).all()
    assert (after["layer4.1.eca"][:, 17] == 0).all()
    assert (after["layer4.1.eca"][:, 18] == 1).all()
    assert not np.isin(after["layer4.1.eca"][:, :17], (0, 1)).any()


@pytest.mark.parametrize(
    "build",
    [
        lambda: timm.create_model("ecaresnet26t", num_classes=4),
        lambda: timm.create_model("seresnet18", num_classes=4),
        lambda: mobilenet_v3_small(num_classes=4),
        lambda: eca_resnet50(num_classes=4),
    ],
    ids=["timm_eca", "timm_se", "torchvision_se", "bottleneck"],
)
def test_other_libraries_layers_are_changed_alike(build: object, images: Tensor) -> None:
    model = randomise(build())
    with torch.no_grad():
        before = model(images)
        for change, expected in (("half", 0.5), ("ones", 1.0)):
            with eca_viz.intervene(model, change), eca_viz.capture(model) as recorder:
                after = model(images)
            assert all((record.weights == expected).all() for record in recorder.records)
            assert not torch.allclose(after, before)
        with eca_viz.intervene(model, "permute"):
            assert not torch.allclose(model(images), before)
        assert torch.equal(model(images), before)


def test_nothing_is_left_behind(images: Tensor) -> None:
    model = randomise(eca_resnet18(num_classes=4))
    state = copy.deepcopy(model.state_dict())
    kept = {name: set(module.__dict__) for name, module in model.named_modules()}
    with torch.no_grad():
        before = model(images)
        with eca_viz.intervene(model, ["permute", "ones"]):
            assert hooks_on(model) > 0
        with pytest.raises(RuntimeError), eca_viz.intervene(model, ["circular", "half"]):
            model(torch.randn(1, 5, 32, 32))
        assert torch.equal(model(images), before)
    assert hooks_on(model) == 0
    assert {name: set(module.__dict__) for name, module in model.named_modules()} == kept
    for name, value in model.state_dict().items():
        assert torch.equal(value, state[name])


def test_gradients_flow_through_a_changed_network(images: Tensor) -> None:
    model = randomise(eca_resnet18(num_classes=4))
    x = images.clone().requires_grad_()
    with eca_viz.intervene(model, ["permute", "layer4:strongest=50,0"]):
        model(x)[:, 0].sum().backward()
    assert x.grad is not None
    assert x.grad.abs().sum() > 0


@pytest.mark.parametrize(
    ("changes", "gates", "sentence"),
    [
        ("layer9:ones", {}, "no layer or stage 'layer9'; stages: layer1, layer2"),
        ((), {"layer9": [0.5]}, "gates for 'layer9'; the layers are layer1.0.eca"),
        ((), {"layer1.0.eca": [float("inf")] * 64}, "not all finite numbers"),
        ((), {"layer1.0.eca": [float("nan")] * 64}, "not all finite numbers"),
        (["permute", "circular"], {}, "one way at a time"),
    ],
)
def test_a_change_that_does_not_fit_is_refused(
    changes: object, gates: dict[str, list[float]], sentence: str
) -> None:
    model = eca_resnet18(num_classes=4)
    error = SelectionError if "layer9" in sentence else GateError
    with pytest.raises(error, match=sentence):
        eca_viz.intervene(model, changes, gates=gates).__enter__()
    assert hooks_on(model) == 0


def test_gates_of_another_shape_are_refused(images: Tensor) -> None:
    model = eca_resnet18(num_classes=4).eval()
    gates = {"layer1.0.eca": [0.5, 0.5]}
    with pytest.raises(GateError, match="it has 64 channels"):  # noqa: SIM117
        with torch.no_grad(), eca_viz.intervene(model, gates=gates):
            model(images)


def test_a_network_without_attention_is_refused() -> None:
    with pytest.raises(GateError, match="no gates to change"):
        eca_viz.intervene(nn.Sequential(nn.ReLU()), "ones").__enter__()


def test_factors_multiply_gates_after_the_changes() -> None:
    model = SELayer(6, 2).eval().requires_grad_(False)
    x = torch.rand(2, 6, 4, 4)
    factors = torch.tensor([1.0, 0.0, 0.5, 1.0, 1.0, 0.25])
    (layer,) = eca_viz.find_attention(model)
    with eca_viz.intervene(model, "all:ones", factors={layer.name: factors}):
        np.testing.assert_allclose(model(x), x * factors[:, None, None])
    with eca_viz.capture(model) as recorder:
        plain = model(x)
    with eca_viz.intervene(model, factors={layer.name: factors}):
        np.testing.assert_allclose(model(x), plain * factors[:, None, None], rtol=1e-6)
    assert len(recorder.records) == 1
    with (
        pytest.raises(SelectionError, match="got gates for 'none'"),
        eca_viz.intervene(model, factors={"none": factors}),
    ):
        pass
