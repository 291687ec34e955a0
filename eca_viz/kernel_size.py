"""The adaptive kernel size, Eq. 12 of the ECA paper."""

import math


def adaptive_kernel_size(channels: int, gamma: float = 2.0, b: float = 1.0) -> int:
    """Kernel size k = |log2(C)/γ + b/γ|_odd that Eq. 12 gives for C channels.

    Raises ValueError unless `channels` is at least 1 and `gamma` is not 0.
    Source: Wang et al., "ECA-Net", CVPR 2020, Eq. 12.
    """
    if channels < 1:
        raise ValueError(f"got {channels} channels; Eq. 12 needs at least 1")
    if gamma == 0:
        raise ValueError("got gamma = 0; Eq. 12 divides by gamma, so give another value")
    nearest = int(abs((math.log2(channels) + b) / gamma))
    return nearest if nearest % 2 else nearest + 1
