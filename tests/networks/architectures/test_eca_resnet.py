"""ECA-ResNets: names, sizes and activations."""

import pytest
import torch
from torch import nn
from torchvision.models import resnet18, resnet34, resnet50, resnet101, resnet152

import eca_viz
from eca_viz.networks.architectures.eca_resnet import (
    eca_resnet18,
    eca_resnet34,
    eca_resnet50,
    eca_resnet101,
    eca_resnet152,
)

PAIRS = [
    (eca_resnet18, resnet18),
    (eca_resnet34, resnet34),
    (eca_resnet50, resnet50),
    (eca_resnet101, resnet101),
    (eca_resnet152, resnet152),
]


def count(model: nn.Module) -> int:
    return sum(p.numel() for p in model.parameters())


@pytest.mark.parametrize(("ours", "plain"), PAIRS)
def test_adds_only_the_taps_to_torchvision(ours: object, plain: object) -> None:
    """Names are torchvision's plus `layerS.B.eca.conv.weight` of shape (1, 1, k)."""
    with torch.device("meta"):
        model, reference = ours(), plain()
    added = model.state_dict().keys() - reference.state_dict().keys()
    assert reference.state_dict().keys() <= model.state_dict().keys()
    assert "layer1.0.eca.conv.weight" in added
    layers = eca_viz.find_attention(model)
    assert added == {f"{layer.name}.conv.weight" for layer in layers}
    assert count(model) - count(reference) == sum(layer.kernel_size for layer in layers)


def test_parameters_of_eca_resnet50_k3557() -> None:
    with torch.device("meta"):
        assert count(eca_resnet50(kernel_sizes=(3, 5, 5, 7))) == 25_557_032 + 80


def test_kernel_sizes_by_eq_12_on_the_layers_channels() -> None:
    with torch.device("meta"):
        layers = eca_viz.find_attention(eca_resnet50())
    assert {layer.stage: layer.kernel_size for layer in layers} == {
        "layer1": 5,
        "layer2": 5,
        "layer3": 5,
        "layer4": 7,
    }


def test_refuses_another_number_of_kernel_sizes() -> None:
    with pytest.raises(ValueError, match="got 3 kernel sizes"):
        eca_resnet18(kernel_sizes=(3, 3, 3))


@pytest.mark.parametrize("build", [eca_resnet18, eca_resnet50])
def test_each_activation_runs_once_and_not_in_place(build: object) -> None:
    model = build(num_classes=4).eval()
    calls: dict[str, int] = {}
    for name, module in model.named_modules():
        if isinstance(module, nn.ReLU):
            assert not module.inplace
            module.register_forward_hook(
                lambda *_, name=name: calls.update({name: calls.get(name, 0) + 1})
            )
    with torch.no_grad():
        model(torch.randn(1, 3, 32, 32))
    relus = [name for name, module in model.named_modules() if isinstance(module, nn.ReLU)]
    assert calls == dict.fromkeys(relus, 1)


@pytest.mark.parametrize(("ours", "plain"), PAIRS[:3:2])
def test_with_open_gates_equals_torchvision(ours: object, plain: object) -> None:
    """With every gate at one, the network computes what torchvision's does."""
    model, reference = ours(num_classes=4).eval(), plain(num_classes=4).eval()
    reference.load_state_dict({k: v for k, v in model.state_dict().items() if ".eca." not in k})
    for layer in eca_viz.find_attention(model):
        layer.module.sigmoid.register_forward_hook(lambda m, i, out: torch.ones_like(out))
    x = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(model(x), reference(x), rtol=1e-5, atol=1e-5)
