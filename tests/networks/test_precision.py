"""TF32 is off while a network computes on a GPU, and what it was afterwards."""

import threading
from collections.abc import Iterator

import pytest
import torch

from eca_viz.networks.precision import full_precision

CUDNN = torch.backends.cudnn


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    yield
    if hasattr(torch.backends, "fp32_precision"):
        torch.backends.fp32_precision = "none"
    CUDNN.conv.fp32_precision = CUDNN.rnn.fp32_precision = "tf32"
    CUDNN.allow_tf32 = True


def test_it_is_off_until_the_last_is_done() -> None:
    assert CUDNN.allow_tf32
    inside, leave = threading.Event(), threading.Event()

    def other() -> None:
        with full_precision("cuda"):
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=other)
    with full_precision("cuda:1"):
        assert not CUDNN.allow_tf32
        thread.start()
        assert inside.wait(10)
    assert not CUDNN.allow_tf32
    leave.set()
    thread.join()
    assert CUDNN.allow_tf32


def test_it_is_turned_back_after_an_error() -> None:
    with pytest.raises(ValueError, match="broken"), full_precision("cuda"):
        raise ValueError("broken")
    assert CUDNN.allow_tf32


def test_what_was_off_stays_off() -> None:
    CUDNN.allow_tf32 = False
    with full_precision("cuda"):
        assert not CUDNN.allow_tf32
    assert not CUDNN.allow_tf32


def test_on_the_cpu_nothing_is_changed() -> None:
    with full_precision("cpu"):
        assert CUDNN.allow_tf32


@pytest.mark.skipif(not hasattr(CUDNN, "conv"), reason="this PyTorch has one setting only")
def test_what_a_convolution_inherits_is_off_too() -> None:
    torch.backends.fp32_precision = "tf32"
    with full_precision("cuda"):
        assert CUDNN.conv.fp32_precision == "ieee"
    assert CUDNN.conv.fp32_precision == "tf32"
    assert CUDNN.allow_tf32


@pytest.mark.skipif(not hasattr(CUDNN, "conv"), reason="this PyTorch has one setting only")
def test_the_newer_setting_is_turned_back_too() -> None:
    CUDNN.rnn.fp32_precision = "ieee"
    CUDNN.conv.fp32_precision = "tf32"
    with pytest.raises(RuntimeError):  # the older one cannot be read any more
        _ = CUDNN.allow_tf32
    with full_precision("cuda"):
        assert CUDNN.conv.fp32_precision == "ieee"
    assert CUDNN.conv.fp32_precision == "tf32"
    assert CUDNN.rnn.fp32_precision == "ieee"
