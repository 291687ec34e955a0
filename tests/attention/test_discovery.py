"""The attention layers of a network, with stage, kernel size and width."""

import pytest
import timm
import torch
from torch import nn

import eca_viz
from eca_viz.attention.discovery import stage_of
from eca_viz.attention.mechanisms.se import SELayer
from eca_viz.networks.architectures.eca_resnet import eca_resnet50


def test_finds_ours_with_stage_kernel_and_width() -> None:
    layers = eca_viz.find_attention(eca_resnet50(kernel_sizes=(3, 5, 5, 7)))
    assert len(layers) == 16
    assert [layer.name for layer in layers[:2]] == ["layer1.0.eca", "layer1.1.eca"]
    by_stage = {layer.stage: (layer.kernel_size, layer.width) for layer in layers}
    assert by_stage == {
        "layer1": (3, 64),
        "layer2": (5, 128),
        "layer3": (5, 256),
        "layer4": (7, 512),
    }


@pytest.mark.parametrize(
    ("name", "count", "first"),
    [("ecaresnet26t", 8, "layer1.0.se"), ("eca_nfnet_l0", 12, "stages.0.0.attn_last")],
)
def test_finds_those_of_timm(name: str, count: int, first: str) -> None:
    with torch.device("meta"):
        model = timm.create_model(name, pretrained=False)
    layers = eca_viz.find_attention(model)
    assert layers[0].name == first
    assert len(layers) == count


def test_a_network_without_attention_has_none() -> None:
    assert eca_viz.find_attention(nn.Sequential(nn.Conv2d(3, 3, 1), nn.ReLU())) == ()


def test_modules_inside_of_a_layer_do_not_count() -> None:
    model = nn.Sequential(nn.Sequential(nn.Conv2d(8, 8, 1), SELayer(8)), SELayer(8))
    assert [layer.name for layer in eca_viz.find_attention(model)] == ["0.1", "1"]
    layers = eca_viz.find_attention(model, also=["0"])
    assert [(layer.name, layer.mechanism.name) for layer in layers] == [("0", "gate"), ("1", "se")]


def test_a_network_that_is_a_layer_is_found_once() -> None:
    class Wrapped(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = type("GateMlp", (SELayer,), {})(8)

    assert [one.name for one in eca_viz.find_attention(Wrapped())] == [""]


@pytest.mark.parametrize(
    ("name", "stage"),
    [
        ("layer3.0.eca", "layer3"),
        ("stages.2.1.attn", "stages.2"),
        ("stages.0.blocks.1.attn", "stages.0"),
        ("features.4.conv.3", "features.4"),
        ("module.layer1.0.eca", "module.layer1"),
        ("backbone.stages.2.1.attn", "backbone.stages.2"),
        ("neck.eca", "neck"),
        ("eca", "eca"),
        ("", ""),
    ],
)
def test_stage_from_name(name: str, stage: str) -> None:
    assert stage_of(name) == stage
