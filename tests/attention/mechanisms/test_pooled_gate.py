"""The layer that the variants share."""

import torch
from torch import nn

from eca_viz.attention.mechanisms.pooled_gate import PooledGate, uniform_weight


def test_scales_each_channel_by_the_sigmoid_of_what_the_mix_gives() -> None:
    double = nn.Linear(2, 2, bias=False)
    double.weight.data = 2 * torch.eye(2)
    x = torch.tensor([[[[1.0, 3.0]], [[0.0, -2.0]]]])
    expected = x * torch.sigmoid(torch.tensor([4.0, -2.0]))[None, :, None, None]
    torch.testing.assert_close(PooledGate(double)(x), expected)


def test_the_type_of_the_feature_map_is_kept() -> None:
    x = torch.randn(1, 4, 2, 2, dtype=torch.bfloat16)
    assert PooledGate(nn.Linear(4, 4).to(torch.bfloat16))(x).dtype == torch.bfloat16
    with torch.autocast("cpu", torch.bfloat16):
        assert PooledGate(nn.Linear(4, 4))(x).dtype == torch.bfloat16


def test_weights_are_drawn_as_those_of_a_convolution() -> None:
    torch.manual_seed(0)
    drawn = uniform_weight(400, 5, inputs=5)
    conv = nn.Conv1d(1, 400, 5)
    for values in (drawn, conv.weight):
        assert 0.99 * 5**-0.5 < float(values.detach().abs().max()) <= 5**-0.5
