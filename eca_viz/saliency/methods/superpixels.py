"""Superpixels: patches of similar colour, for methods that occlude an image patch by patch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eca_viz.locale.texts import text
from eca_viz.settings import Param

if TYPE_CHECKING:
    from torch import Tensor

COUNT = Param("superpixels", text("Superpixels, about"), 60, 10, 200, 10)


def superpixels(inputs: Tensor, count: int) -> Tensor:
    """The patch of each pixel, numbered from 0: (1, 1, H, W) for an input (1, 3, H, W).

    SLIC (Achanta et al. 2012) makes about `count` patches, not exactly as many.
    """
    import torch
    from skimage.segmentation import slic  # imports all of SciPy, which is slow

    pixels = inputs[0].detach().permute(1, 2, 0).contiguous().float().numpy()
    span = float(np.ptp(pixels)) or 1.0
    numbers = slic((pixels - pixels.min()) / span, n_segments=count, start_label=0)
    return torch.tensor(numbers.astype(np.int64))[None, None]
