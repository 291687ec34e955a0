"""Attention without one factor for each channel is named, with the reason."""

import pytest
import timm
import torch
from timm.layers import EcaModule, SelectiveKernel, SplitAttn
from timm.layers.cbam import CbamModule, SpatialAttn
from timm.layers.coord_attn import CoordAttn, EfficientLocalAttn, SimpleCoordAttn, StripAttn
from torch import Tensor, nn

import eca_viz
from eca_viz.attention.discovery import find_attention
from eca_viz.attention.lookalikes import unread, with_guesses


class SimAM(nn.Module):
    """A factor for each position of each channel, from its distance to the mean."""

    def forward(self, x: Tensor) -> Tensor:
        squares = (x - x.mean((2, 3), keepdim=True)).square()
        return x * torch.sigmoid(squares / (4 * squares.mean((2, 3), keepdim=True) + 1) + 0.5)


def lookalikes(model: nn.Module) -> dict[str, str]:
    return with_guesses(model, find_attention(model))[1]


@pytest.mark.parametrize(
    ("module", "why"),
    [
        (CoordAttn(16), "along the rows and the columns"),
        (SimpleCoordAttn(16), "along the rows and the columns"),
        (EfficientLocalAttn(16), "along the rows and the columns"),
        (StripAttn(16), "along the rows and the columns"),
        (SpatialAttn(), "for each position, the same for all channels"),
        (SelectiveKernel(16, 16), "weighs its branches against each other"),
        (SplitAttn(16), "weighs the splits of a channel"),
        (SimAM(), "for each position of each channel"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, nn.Module) else "",
)
def test_each_kind_has_its_reason_and_really_has_no_one_factor(module: nn.Module, why: str) -> None:
    model = nn.Sequential(nn.Conv2d(3, 16, 1), EcaModule(16), module).eval()
    (sentence,) = unread(lookalikes(model))
    assert sentence.startswith(
        "1 module is attention without one factor for each channel and is not read: 2;"
    )
    assert why in sentence
    with torch.no_grad():
        given = torch.rand(1, 16, 8, 8) + 0.5
        factors = (module(given) / given).flatten(2)
    assert factors.std(2).max() > 1e-4, "it differs between positions"
    warned = pytest.warns(eca_viz.UnreadAttentionWarning, match="without one factor")
    with warned, eca_viz.capture(model) as recorder:
        model(torch.rand(1, 3, 8, 8))
    assert [one.layer for one in recorder.records] == ["1"]


@pytest.mark.parametrize("name", ["Restrip", "CoordConvSE", "NonSpatialGate", "ChannelSpatialSE"])
def test_a_name_that_only_holds_such_a_word_gives_no_reason(name: str) -> None:
    model = nn.Sequential(type(name, (SpatialAttn,), {})())
    warned = pytest.warns(
        eca_viz.UnreadAttentionWarning,
        match="looks like attention and is not read: 0; no factor for each channel takes",
    )
    with warned, eca_viz.capture(model) as recorder:
        model(torch.randn(1, 3, 8, 8))
    assert recorder.records == ()


def test_what_holds_a_layer_that_is_read_is_not_named() -> None:
    class SKUnit(nn.Sequential):
        pass

    model = nn.Sequential(SKUnit(nn.Conv2d(3, 16, 1), EcaModule(16)))
    assert lookalikes(model) == {}
    assert list(with_guesses(model, ())[1]) == ["0"]


def test_a_sentence_for_each_reason() -> None:
    model = nn.Sequential(CbamModule(16), CoordAttn(16), CoordAttn(16), SimAM())
    found = unread(lookalikes(model))
    assert [one.partition(";")[0] for one in found] == [
        "1 module is attention without one factor for each channel and is not read: 0.spatial",
        "2 modules are attention without one factor for each channel and are not read: 1, 2",
        "1 module is attention without one factor for each channel and is not read: 3",
    ]


@pytest.mark.parametrize(
    ("name", "count"),
    [("skresnet18", 8), ("resnest14d", 4), ("ecaresnet26t", 0), ("resnet18", 0)],
)
def test_of_timms_networks(name: str, count: int) -> None:
    model = timm.create_model(name, pretrained=False)
    assert len(lookalikes(model)) == count


def test_a_network_without_channel_attention_is_told_why() -> None:
    model = nn.Sequential(nn.Conv2d(3, 16, 1), CoordAttn(16))
    refused = pytest.raises(
        eca_viz.NetworkError, match=r"recognised; 1 module is .* not read: 1; its"
    )
    with refused, eca_viz.capture(model):
        pass
