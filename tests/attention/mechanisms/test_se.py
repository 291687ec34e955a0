"""SE layers of several libraries: recognised by structure, read like ECA layers."""

import numpy as np
import pytest
import timm.layers
import torch
from torch import nn

import eca_viz
from eca_viz.attention.mechanisms.se import SELayer
from eca_viz.attention.registry import recognise
from tests.factories import se_layers


@pytest.mark.parametrize(("layer", "name", "reduction"), se_layers())
def test_recognised_and_read(layer: nn.Module, name: str, reduction: float | None) -> None:
    """What is captured is what the layer multiplied its input by."""
    model = nn.Sequential(layer).eval()
    channels = next(p.shape[1] for p in layer.parameters() if p.ndim > 1)
    x = torch.randn(2, channels, 5, 6)
    with eca_viz.capture(model) as recorder, torch.no_grad():
        out = model(x)
    (record,) = recorder.records
    assert record.mechanism == name
    assert record.layer == "0"
    assert record.kernel_size is None
    assert record.taps is None
    assert record.reduction == (None if reduction is None else pytest.approx(reduction))
    assert record.weights.shape == (2, channels)
    np.testing.assert_allclose(out.numpy(), x.numpy() * record.weights[..., None, None], atol=1e-6)
    np.testing.assert_allclose(record.descriptor, x.mean((2, 3)).numpy(), atol=1e-6)


class Autoencoder(nn.Module):
    """Two fully connected layers whose sizes do not fit together."""

    def __init__(self) -> None:
        super().__init__()
        self.down, self.up = nn.Linear(8, 2), nn.Linear(3, 8)
        self.sigmoid = nn.Sigmoid()


class Block(nn.Module):
    """A 3 × 3 convolution beside the fully connected layers."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(8, 8, 3)
        self.down, self.up = nn.Linear(8, 2), nn.Linear(2, 8)
        self.sigmoid = nn.Sigmoid()


@pytest.mark.parametrize(
    "module",
    [
        nn.Sequential(nn.Linear(8, 2), nn.ReLU(), nn.Linear(2, 8), nn.Sigmoid()),
        Autoencoder(),
        Block(),
        timm.layers.GlobalContext(8),
        nn.Sigmoid(),
    ],
)
def test_other_modules_are_not_recognised(module: nn.Module) -> None:
    assert recognise(module) is None


def test_parameters_by_the_papers_count() -> None:
    assert sum(p.numel() for p in SELayer(256).parameters()) == 2 * 256**2 // 16


def test_refuses_a_reduction_below_one() -> None:
    with pytest.raises(ValueError, match="got reduction 0"):
        SELayer(8, 0)
