"""The adaptive kernel size, Eq. 12 of the ECA paper."""

import math


def adaptive_kernel_size(channels: int, gamma: float = 2.0, b: float = 1.0) -> int:
    """Kernel size k = |log2(C)/γ + b/γ|_odd by Eq. 12 of Wang et al., "ECA-Net", CVPR 2020.

    Args:
        channels: Number of channels C, at least 1.
        gamma: The divisor γ, not 0.
        b: The offset b.

    Returns:
        The right-hand side cut to an integer, plus 1 where that is even.

    Raises:
        ValueError: For fewer channels than 1, or where `gamma` is 0.
    """
    if channels < 1:
        raise ValueError(f"got {channels} channels; Eq. 12 needs at least 1")
    if gamma == 0:
        raise ValueError("got gamma = 0; Eq. 12 divides by gamma, so give another value")
    nearest = int(abs((math.log2(channels) + b) / gamma))
    return nearest if nearest % 2 else nearest + 1


def odd_kernel_size(channels: int, kernel_size: int | None = None) -> int:
    """The given kernel size, or that of Eq. 12 without one; raises ValueError unless odd, ≥ 1."""
    k = adaptive_kernel_size(channels) if kernel_size is None else kernel_size
    if k < 1 or k % 2 == 0:
        raise ValueError(f"got kernel size {k}; ECA needs an odd one, 1 or more")
    return k
