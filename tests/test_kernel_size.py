"""Eq. 12 against values computed by hand, and kernel sizes that are given."""

import pytest

from eca_viz.kernel_size import adaptive_kernel_size, odd_kernel_size


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


def test_a_given_kernel_size_goes_before_eq_12() -> None:
    assert [odd_kernel_size(256, k) for k in (None, 1, 9)] == [5, 1, 9]


@pytest.mark.parametrize("k", [0, 2, -3])
def test_refuses_even_or_no_kernel(k: int) -> None:
    with pytest.raises(ValueError, match=f"got kernel size {k}; ECA needs an odd one, 1 or more"):
        odd_kernel_size(8, k)
