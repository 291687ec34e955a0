"""Superpixels cover the image, and the methods on them do what they say."""

import numpy as np
import torch
from torch import Tensor, nn

from eca_viz.records import Prediction
from eca_viz.saliency.attribute import attribute
from eca_viz.saliency.methods.superpixels import superpixels
from eca_viz.saliency.registry import find_method

FIRST = Prediction(0, "any", 0.0)


def halves() -> Tensor:
    """Left half dark, right half bright."""
    inputs = torch.full((1, 3, 32, 32), -1.0)
    inputs[..., 16:] = 2.0
    return inputs


def test_every_pixel_is_in_one_of_consecutive_patches() -> None:
    inputs = torch.randn(1, 3, 48, 64, generator=torch.Generator().manual_seed(0))
    numbers = superpixels(inputs, 20)
    assert numbers.shape == (1, 1, 48, 64)
    assert numbers.unique().tolist() == list(range(int(numbers.max()) + 1))


def test_patches_follow_the_edges() -> None:
    numbers = superpixels(halves(), 10)[0, 0]
    assert not set(numbers[:, :16].unique().tolist()) & set(numbers[:, 16:].unique().tolist())


def test_a_photograph_of_one_colour_has_patches_too() -> None:
    assert superpixels(torch.zeros(1, 3, 32, 32), 10).shape == (1, 1, 32, 32)


class Total(nn.Module):
    """A linear score: twice the sum of the first channel."""

    def forward(self, x: Tensor) -> Tensor:
        return 2 * x[:, 0].sum((1, 2))[:, None]


def test_both_methods_are_exact_on_a_linear_score() -> None:
    """Each patch's share is then what it adds to the score, and all add up to it."""
    inputs = halves()
    numbers = superpixels(inputs, 10)[0, 0].numpy()
    pixels = inputs[0, 0].numpy()
    expected = np.zeros_like(pixels)
    for number in np.unique(numbers):
        expected[numbers == number] = 2 * pixels[numbers == number].sum()
    for name, settings in (("feature_ablation", {}), ("kernel_shap", {"n_samples": 100})):
        found = attribute(
            find_method(name), Total(), "", inputs, FIRST, {"superpixels": 10, **settings}
        )
        np.testing.assert_allclose(found.values, expected, rtol=1e-3, atol=0.05)
