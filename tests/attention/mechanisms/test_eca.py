"""The ECA layer against timm's and NumPy, and the recognition of layers by structure."""

import numpy as np
import pytest
import torch
from timm.layers import CecaModule, EcaModule
from torch import nn

from eca_viz.attention.mechanisms.eca import ECALayer
from eca_viz.attention.registry import recognise
from eca_viz.kernel_size import adaptive_kernel_size
from tests.factories import LookAlike


@pytest.mark.parametrize(("channels", "k"), [(16, 1), (64, 3), (256, 5), (2048, 7)])
def test_equals_timm_with_the_same_taps(channels: int, k: int) -> None:
    ours = ECALayer(channels, k)
    theirs = EcaModule(kernel_size=k)
    theirs.conv.load_state_dict(ours.conv.state_dict())
    x = torch.randn(3, channels, 5, 7)
    with torch.no_grad():
        torch.testing.assert_close(ours(x), theirs(x), rtol=1e-6, atol=1e-6)


def test_equals_the_band_matrix() -> None:
    """ω = σ(W y) with the k taps in each row of W, the middle one on the diagonal."""
    layer = ECALayer(6, 3)
    x = torch.randn(1, 6, 4, 4)
    taps = layer.conv.weight.detach().flatten().numpy()
    band = sum(np.diag(np.full(6 - abs(d), taps[d + 1]), d) for d in (-1, 0, 1))
    weights = 1 / (1 + np.exp(-band @ x.mean((2, 3))[0].numpy()))
    with torch.no_grad():
        expected = x.numpy() * weights[None, :, None, None]
        np.testing.assert_allclose(layer(x).numpy(), expected, rtol=1e-5, atol=1e-6)


def test_by_hand() -> None:
    """Descriptors 1, 2, 3 with taps 1, 0, -1: each logit is left minus right, zeros outside."""
    layer = ECALayer(3, 3)
    layer.conv.weight.data = torch.tensor([[[1.0, 0.0, -1.0]]])
    x = torch.tensor([1.0, 2.0, 3.0]).reshape(1, 3, 1, 1)
    logits = torch.tensor([0.0 - 2.0, 1.0 - 3.0, 2.0 - 0.0])
    with torch.no_grad():
        torch.testing.assert_close(layer(x).flatten(), x.flatten() * torch.sigmoid(logits))


@pytest.mark.parametrize("channels", [8, 64, 512, 2048])
def test_adds_k_parameters_by_eq_12(channels: int) -> None:
    layer = ECALayer(channels)
    assert sum(p.numel() for p in layer.parameters()) == adaptive_kernel_size(channels)


@pytest.mark.parametrize("k", [0, 2, -3])
def test_refuses_even_or_no_kernel(k: int) -> None:
    with pytest.raises(ValueError, match=f"kernel size {k}"):
        ECALayer(8, k)


class Stranger(nn.Module):
    """Holds a convolution, a sigmoid and a further layer."""

    def __init__(self) -> None:
        super().__init__()
        self.mix = nn.Conv1d(1, 1, 3, padding=1)
        self.act = nn.Sigmoid()
        self.head = nn.Linear(3, 3)


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        (ECALayer(64), "eca"),
        (EcaModule(64), "eca"),
        (LookAlike(), "eca"),
        (CecaModule(64), "ceca"),
        (EcaModule(64, use_mlp=True), None),
        (nn.Sequential(nn.Conv1d(1, 4, 3), nn.Sigmoid()), None),
        (nn.Sequential(nn.Conv1d(1, 1, 3), nn.Sigmoid(), nn.Sigmoid()), None),
        (nn.Conv1d(1, 1, 3), None),
        (Stranger(), None),
    ],
)
def test_recognises_by_structure(module: nn.Module, expected: str | None) -> None:
    found = recognise(module)
    assert (found and found.name) == expected
