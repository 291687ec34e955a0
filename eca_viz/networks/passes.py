"""Progress of a network's passes, each of which can be ended in its middle."""

import threading
import time
from collections.abc import Callable
from functools import partial

from torch import nn

from eca_viz.progress import Progress, silent

# Seconds after which a pass that goes on reports again, between two of its modules.
WITHIN = 0.4


class Ticks:
    """Called before each of `total` passes; passes on the share in [0, 1] that is done."""

    def __init__(self, total: int, progress: Callable[[float], None]) -> None:
        self._total, self._progress, self._done = total, progress, 0
        self._last = 0.0

    def __call__(self, *_: object) -> None:
        self._report(self._done)
        self._done += 1

    def within(self, *_: object) -> None:
        """Called in the middle of a pass; passes the share on once more from time to time."""
        if time.monotonic() - self._last >= WITHIN:
            self._report(max(self._done - 1, 0))

    def _report(self, done: int) -> None:
        self._progress(min(done / self._total, 1.0))
        self._last = time.monotonic()


def report(module: nn.Module, progress: Progress, what: str, passes: int) -> None:
    """`watch` with a progress, where somebody wants to know it.

    Args:
        module: The network, which keeps the hooks.
        progress: As in `explain`.
        what: What is being done, a Text.
        passes: How many there will be.
    """
    if progress is not silent:
        watch(module, Ticks(passes, partial(progress, what)))


def watch(module: nn.Module, ticks: Ticks) -> None:
    """Puts hooks on a private network that call `ticks` before each pass and within it.

    What it raises ends the pass, between two modules, also on the way back for a gradient where
    that is the work of the same thread, as it is on the CPU.

    Args:
        module: The network, which keeps the hooks.
        ticks: What is called.
    """

    def after(module: nn.Module, inputs: object, output: object) -> None:
        mine = threading.get_ident()

        def back(gradient: object) -> None:
            if threading.get_ident() == mine:
                ticks.within()

        if getattr(output, "requires_grad", False):
            output.register_hook(back)  # type: ignore[attr-defined]

    module.register_forward_pre_hook(ticks)
    for part in module.modules():
        if not any(part.children()):
            part.register_forward_pre_hook(ticks.within)
            part.register_forward_hook(after)
