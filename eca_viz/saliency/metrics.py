"""How well a saliency map holds against the network: the arithmetic of each score."""

from collections.abc import Callable, Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from eca_viz.records import Floats, as_floats

BATCH = 8
# Shares of the pixels at which the curves are measured.
SHARES: Floats = as_floats(np.linspace(0, 1, 33))
# Of the photograph's side: the standard deviation of the blur, and the sides of the rectangles.
BLUR = 1 / 16
SMALLEST, LARGEST = 1 / 8, 1 / 2
RECTANGLES = 64
# In the units of the normalised input; about one step of 255 in a pixel's colour.
RADIUS = 0.02
PERTURBED = 3

Mask = NDArray[np.bool_]
Tick = Callable[[], None]


def blurred(inputs: Tensor) -> Tensor:
    """The input so blurred that its details are gone and its edges are not sharp."""
    from scipy.ndimage import gaussian_filter  # slow to import, and few ask for a scorecard

    width = BLUR * inputs.shape[-1]
    return torch.tensor(gaussian_filter(inputs.numpy(), (0, 0, width, width), mode="nearest"))


def places(values: Floats) -> NDArray[np.int64]:
    """For each pixel its place from 0 when the largest values come first.

    Equal values are in a random order that is always the same one: in the order of the
    rows, a map with large patches would be judged by where they lie.
    """
    chance = np.random.default_rng(0).random(values.size)
    order = np.lexsort((chance, -values.ravel()))
    found = np.empty(values.size, dtype=np.int64)
    found[order] = np.arange(values.size)
    return found.reshape(values.shape)


def curve(
    module: nn.Module, before: Tensor, after: Tensor, values: Floats, target: int, tick: Tick
) -> Floats:
    """Probability of `target` while the pixels of `before` become those of `after`.

    One value for each of SHARES; the pixels with the largest `values` go first.
    """
    place = torch.tensor(places(values))
    found = []
    for shares in np.split(SHARES, range(BATCH, len(SHARES), BATCH)):
        counts = torch.tensor(np.rint(shares * values.size))[:, None, None]
        pictures = torch.where((place < counts)[:, None], after, before)
        found.append(torch.softmax(_logits(module, pictures, tick).double(), 1)[:, target])
    return as_floats(torch.cat(found).numpy())


def area(values: Floats) -> float:
    """Area under a curve over SHARES: the mean probability."""
    return float(np.trapezoid(values.astype(np.float64), SHARES))


def rectangles(height: int, width: int, count: int = RECTANGLES) -> Mask:
    """Random rectangles (count, height, width), always the same ones, inside the photograph."""
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


def falls(
    module: nn.Module, inputs: Tensor, masks: Mask, target: int, tick: Tick
) -> NDArray[np.float64]:
    """How far the score of `target` falls when each of `masks` is painted over with zeros."""
    score = _logits(module, inputs, tick)[0, target]
    found = []
    for some in np.split(masks, range(BATCH, len(masks), BATCH)):
        pictures = inputs.masked_fill(torch.tensor(some)[:, None], 0.0)
        found.append(score - _logits(module, pictures, tick)[:, target])
    return torch.cat(found).double().numpy()


def infidelity(values: Floats, masks: Mask, fallen: NDArray[np.float64]) -> float:
    """The part of the falls that the map's sums over the masks do not tell, from 0 to 1.

    Yeh et al. 2019, Eq. 1 with rectangles for the perturbation, under the positive factor β
    that suits the map best, since methods differ in their unit; divided by what a map of
    zeros would have.
    """
    sums = (masks * values.astype(np.float64)).sum(axis=(1, 2))
    together, power = float((sums * fallen).mean()), float((sums**2).mean())
    if together <= 0:
        return 1.0
    return 1 - together**2 / (power * float((fallen**2).mean()))


def sensitivity(
    values: Floats, inputs: Tensor, again: Callable[[Tensor], Floats], count: int = PERTURBED
) -> float:
    """The largest relative change of the map under noise that nobody would see.

    Max-sensitivity of Yeh et al. 2019, Eq. 2: `again` makes the map for a changed input,
    which lies within RADIUS of `inputs` in each value.
    """
    generator = torch.Generator().manual_seed(0)
    changes = []
    for _ in range(count):
        noise = torch.empty(inputs.shape).uniform_(-RADIUS, RADIUS, generator=generator)
        changes.append(np.linalg.norm(again(inputs + noise) - values))
    return float(max(changes) / np.linalg.norm(values))


def flat(values: Floats) -> bool:
    """Whether a map has the same value everywhere, so that it ranks nothing."""
    return bool(values.min() == values.max())


def batches() -> Iterator[int]:
    """Forward passes of one curve, and of the falls."""
    yield -(-len(SHARES) // BATCH)
    yield 1 + -(-RECTANGLES // BATCH)


def _logits(module: nn.Module, pictures: Tensor, tick: Tick) -> Tensor:
    tick()
    with torch.inference_mode():
        logits: Tensor = module(pictures)
    return logits
