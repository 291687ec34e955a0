"""Scores of a saliency map: insertion, deletion, infidelity, sensitivity."""

from collections.abc import Callable, Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from eca_viz.records import Floats, as_floats

BATCH = 8
# Shares of the pixels at which the curves are measured.
SHARES: Floats = as_floats(np.linspace(0, 1, 33))
# As shares of the image's side: the blur's standard deviation, and the sides of the rectangles.
BLUR = 1 / 16
SMALLEST, LARGEST = 1 / 8, 1 / 2
RECTANGLES = 64
# In the units of the normalised input; about one step of 255 in a pixel's colour.
RADIUS = 0.02
PERTURBED = 3

Mask = NDArray[np.bool_]


def blurred(inputs: Tensor) -> Tensor:
    """The input (1, 3, H, W) under a Gaussian of BLUR times its side."""
    from scipy.ndimage import gaussian_filter  # slow to import

    width = BLUR * inputs.shape[-1]
    return torch.tensor(gaussian_filter(inputs.numpy(), (0, 0, width, width), mode="nearest"))


def places(values: Floats) -> NDArray[np.int64]:
    """For each pixel its place from 0 when the largest values come first.

    Equal values are in a random order that is always the same one: in the order of the
    rows, a map with large patches would be scored by where they lie.
    """
    ties = np.random.default_rng(0).random(values.size)
    order = np.lexsort((ties, -values.ravel()))
    found = np.empty(values.size, dtype=np.int64)
    found[order] = np.arange(values.size)
    return found.reshape(values.shape)


def curve(module: nn.Module, before: Tensor, after: Tensor, values: Floats, target: int) -> Floats:
    """Probability of the target while the pixels of one image become those of another.

    Args:
        module: The network; it only runs forward.
        before: The image at share 0, (1, 3, H, W).
        after: The image at share 1.
        values: The map, (H, W); pixels with the largest values change first.
        target: Index of the class.

    Returns:
        One probability for each of SHARES, (S,).
    """
    place = torch.tensor(places(values))
    found = []
    for shares in np.split(SHARES, range(BATCH, len(SHARES), BATCH)):
        counts = torch.tensor(np.rint(shares * values.size))[:, None, None]
        images = torch.where((place < counts)[:, None], after, before)
        found.append(torch.softmax(_logits(module, images).double(), 1)[:, target])
    return as_floats(torch.cat(found).numpy())


def area(values: Floats) -> float:
    """Area under a curve over SHARES: the mean probability."""
    return float(np.trapezoid(values.astype(np.float64), SHARES))


def rectangles(height: int, width: int, count: int = RECTANGLES) -> Mask:
    """Random rectangles inside an image, always the same ones.

    Args:
        height: The image's height in pixels.
        width: Its width.
        count: Number of rectangles.

    Returns:
        Which pixels are in each, (count, height, width).
    """
    generator = np.random.default_rng(0)
    found = np.zeros((count, height, width), dtype=np.bool_)
    for mask in found:
        rows, columns = _span(generator, height), _span(generator, width)
        mask[rows, columns] = True
    return found


def _span(generator: np.random.Generator, side: int) -> slice:
    length = int(generator.integers(max(1, int(SMALLEST * side)), int(LARGEST * side) + 1))
    start = int(generator.integers(0, side - length + 1))
    return slice(start, start + length)


def score_drops(module: nn.Module, inputs: Tensor, masks: Mask, target: int) -> NDArray[np.float64]:
    """Drops of the target's logit when each mask of an image is set to the baseline.

    Args:
        module: The network; it only runs forward.
        inputs: The image, (1, 3, H, W).
        masks: Pixels to set to 0, the mean colour, (M, H, W).
        target: Index of the class.

    Returns:
        One drop a mask, (M,).
    """
    score = _logits(module, inputs)[0, target]
    found = []
    for some in np.split(masks, range(BATCH, len(masks), BATCH)):
        images = inputs.masked_fill(torch.tensor(some)[:, None], 0.0)
        found.append(score - _logits(module, images)[:, target])
    return torch.cat(found).double().numpy()


def infidelity(values: Floats, masks: Mask, drops: NDArray[np.float64]) -> float:
    """Squared error with which a map's sums over masks predict the score drops, normalised.

    Yeh et al. 2019, Eq. 1 with rectangles for the perturbation, under the positive factor β
    that minimises it, since methods differ in their unit; divided by that of a map of zeros.

    Args:
        values: The map, (H, W).
        masks: The rectangles, (M, H, W).
        drops: The score drop of each, (M,).

    Returns:
        0 for sums that are proportional to the drops, up to 1.
    """
    sums = (masks * values.astype(np.float64)).sum(axis=(1, 2))
    together, power = float((sums * drops).mean()), float((sums**2).mean())
    if together <= 0:
        return 1.0
    return 1 - together**2 / (power * float((drops**2).mean()))


def sensitivity(
    values: Floats, inputs: Tensor, again: Callable[[Tensor], Floats], count: int = PERTURBED
) -> float:
    """Captum's max-sensitivity: the largest relative change of a map under slight noise.

    Args:
        values: The map (H, W) for `inputs`.
        inputs: The image, (1, 3, H, W).
        again: Makes the map for a changed image.
        count: Number of noisy images; each value of them lies within RADIUS of `inputs`.

    Returns:
        0 for a map that does not change. Source: Yeh et al. 2019, Eq. 2.
    """
    from captum.metrics import sensitivity_max

    generator = torch.Generator().manual_seed(0)

    def explain(changed: tuple[Tensor, ...]) -> tuple[Tensor]:
        (image,) = changed
        if image is inputs:
            return (torch.tensor(values)[None],)
        with torch.enable_grad():  # Captum's metric turns it off
            return (torch.tensor(again(image))[None],)

    def perturb(repeated: Tensor) -> tuple[Tensor]:
        noise = torch.empty(repeated.shape).uniform_(-RADIUS, RADIUS, generator=generator)
        return (repeated + noise,)

    found = sensitivity_max(
        explain, inputs, perturb, n_perturb_samples=count, max_examples_per_batch=1
    )
    return float(found)


def flat(values: Floats) -> bool:
    """Whether a map has the same value everywhere, so that it ranks nothing."""
    return bool(values.min() == values.max())


def batches() -> Iterator[int]:
    """Forward passes of one curve, and of the score drops."""
    yield -(-len(SHARES) // BATCH)
    yield 1 + -(-RECTANGLES // BATCH)


def _logits(module: nn.Module, images: Tensor) -> Tensor:
    with torch.inference_mode():
        logits: Tensor = module(images)
    return logits
