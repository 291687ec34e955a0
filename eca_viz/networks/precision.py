"""Convolutions in full precision on a GPU: they differ from the CPU's by rounding alone."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch


class _Switch:
    """PyTorch's setting, which is the whole process's, and how many computations need it off."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._turn_back: Callable[[], None] = _nothing

    def enter(self) -> None:
        with self._lock:
            if self._users == 0:
                self._turn_back = _turn_off()
            self._users += 1

    def leave(self) -> None:
        with self._lock:
            self._users -= 1
            if self._users == 0:
                self._turn_back()


@contextmanager
def full_precision(device: str) -> Iterator[None]:
    """Turns TF32 off for convolutions while a network computes on a device that is not the CPU.

    By default PyTorch has NVIDIA's GPUs round what a convolution multiplies to ten bits. The
    setting is turned back when nobody computes any more.
    """
    if device == "cpu":
        yield
        return
    _switch.enter()
    try:
        yield
    finally:
        _switch.leave()


def _turn_off() -> Callable[[], None]:
    """Turns TF32 off for convolutions; what is returned turns it back."""
    cudnn: Any = torch.backends.cudnn
    conv: Any = getattr(cudnn, "conv", None)  # with PyTorch's newer setting
    try:
        if not cudnn.allow_tf32:
            return _nothing
        cudnn.allow_tf32 = False
        if conv is None or conv.fp32_precision != "tf32":
            return lambda: setattr(cudnn, "allow_tf32", True)
        cudnn.allow_tf32 = True  # turned nothing off where a convolution inherits the newer one
    except RuntimeError:  # PyTorch refuses a mixture of both
        if conv.fp32_precision != "tf32":
            return _nothing
    conv.fp32_precision = "ieee"
    return lambda: setattr(conv, "fp32_precision", "tf32")


def _nothing() -> None:
    """What was off stays off."""


_switch = _Switch()
