"""Patches of similar colour, for methods that take a photograph away piece by piece."""

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from eca_viz.settings import Param

COUNT = Param("superpixels", "Superpixels, about", 60, 10, 200, 10)
KEPT = 8


def superpixels(inputs: Tensor, count: int) -> Tensor:
    """The patch of each pixel, numbered from 0: (1, 1, H, W) for an input (1, 3, H, W).

    SLIC (Achanta et al. 2012) makes about `count` patches; how many there are, only the
    result tells.
    """
    pixels = inputs[0].detach().permute(1, 2, 0).contiguous().float().numpy()
    numbers = _segment(pixels.tobytes(), pixels.shape, count)
    return torch.tensor(numbers)[None, None]


@lru_cache(KEPT)
def _segment(data: bytes, shape: tuple[int, ...], count: int) -> np.ndarray:
    """Kept, since a method asks for its number of patches before it asks for the patches."""
    from skimage.segmentation import slic  # brings all of SciPy, which takes long to import

    pixels = np.frombuffer(data, np.float32).reshape(shape)
    span = float(np.ptp(pixels)) or 1.0
    numbers: np.ndarray = slic((pixels - pixels.min()) / span, n_segments=count, start_label=0)
    return numbers.astype(np.int64)
