"""Random numbers of one thread's own: the same for the same seed, whatever else draws."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch.overrides import TorchFunctionMode

# What Captum's random methods draw with; KernelSHAP's also initialises a linear layer.
DRAWING = frozenset({"normal", "randn", "multinomial", "uniform_", "random_", "kaiming_uniform_"})

_numpy = threading.Lock()


class Seeded(TorchFunctionMode):
    """While it is entered, this thread's draws come from a generator of their own.

    Captum draws from PyTorch's generator, which all threads share: seeding that one would
    change what others draw, and what others draw would change the map. The numbers are
    those that the shared generator gives after `torch.manual_seed(seed)`.
    """

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._generator = torch.Generator().manual_seed(seed)

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        given = dict(kwargs or {})
        if getattr(func, "__name__", "") in DRAWING and given.get("generator") is None:
            given["generator"] = self._generator
        return func(*args, **given)


@contextmanager
def seeded_numpy(seed: int) -> Iterator[None]:
    """NumPy's shared state seeded inside the block and put back after it, one thread at a time."""
    with _numpy:
        state = np.random.get_state()
        np.random.seed(seed)
        try:
            yield
        finally:
            np.random.set_state(state)
