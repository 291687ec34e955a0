"""Eq. 12 against values worked out by hand."""

import pytest

from eca_viz.kernel_size import adaptive_kernel_size


@pytest.mark.parametrize(
    ("channels", "expected"),
    [
        (1, 1),
        (2, 1),
        (8, 3),
        (32, 3),
        (64, 3),
        (128, 5),
        (256, 5),
        (512, 5),
        (1024, 5),
        (2048, 7),
        (4096, 7),
    ],
)
def test_default_gamma_and_b(channels: int, expected: int) -> None:
    assert adaptive_kernel_size(channels) == expected


def test_other_gamma_and_b() -> None:
    assert adaptive_kernel_size(256, gamma=1, b=1) == 9
    assert adaptive_kernel_size(256, gamma=4, b=0) == 3


@pytest.mark.parametrize("channels", [0, -4])
def test_refuses_no_channels(channels: int) -> None:
    with pytest.raises(ValueError, match=f"got {channels} channels"):
        adaptive_kernel_size(channels)


def test_refuses_gamma_zero() -> None:
    with pytest.raises(ValueError, match="gamma = 0"):
        adaptive_kernel_size(64, gamma=0)
