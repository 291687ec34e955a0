"""ECA-MobileNetV2: names, sizes and activations."""

import pytest
import torch
from torch import nn
from torchvision.models import mobilenet_v2

import eca_viz
from eca_viz.networks.architectures.eca_mobilenet import eca_mobilenet_v2


def test_adds_only_the_taps_to_torchvision() -> None:
    with torch.device("meta"):
        model, reference = eca_mobilenet_v2(), mobilenet_v2()
    added = model.state_dict().keys() - reference.state_dict().keys()
    assert reference.state_dict().keys() <= model.state_dict().keys()
    assert {"features.1.conv.3.conv.weight", "features.17.conv.4.conv.weight"} <= added
    layers = eca_viz.find_attention(model)
    assert [layer.kernel_size for layer in layers] == [1] * 10 + [3] * 7
    assert [layer.module.channels for layer in layers][-7:] == [96, 96, 96, 160, 160, 160, 320]
    count = sum(p.numel() for p in model.parameters())
    assert count == 3_504_872 + 10 * 1 + 7 * 3


def test_with_open_gates_equals_torchvision() -> None:
    model, reference = eca_mobilenet_v2(num_classes=4).eval(), mobilenet_v2(num_classes=4).eval()
    own = reference.state_dict().keys()
    reference.load_state_dict({k: v for k, v in model.state_dict().items() if k in own})
    for layer in eca_viz.find_attention(model):
        layer.module.sigmoid.register_forward_hook(lambda m, i, out: torch.ones_like(out))
    x = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(model(x), reference(x), rtol=1e-5, atol=1e-5)


def test_no_activation_works_in_place() -> None:
    with torch.device("meta"):
        model = eca_mobilenet_v2()
    activations = [module for module in model.modules() if isinstance(module, nn.ReLU6)]
    assert activations
    assert not any(module.inplace for module in activations)


def test_kernel_sizes_can_be_given() -> None:
    with torch.device("meta"):
        layers = eca_viz.find_attention(eca_mobilenet_v2(kernel_sizes=[5] * 17))
    assert {layer.kernel_size for layer in layers} == {5}


def test_refuses_another_number_of_kernel_sizes() -> None:
    with pytest.raises(ValueError, match="got 2 kernel sizes; give 17"):
        eca_mobilenet_v2(kernel_sizes=(3, 3))
