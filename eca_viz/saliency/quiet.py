"""Captum's announcements of what it does on purpose, kept from the user while it runs."""

import threading
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

# Hooks that Captum removes again, and an input gradient that it asked for itself.
ANNOUNCEMENTS = (
    "Setting backward hooks on ReLU activations",
    r"\s*Setting forward, backward hooks and attributes",
    "Input Tensor .* did not already require gradients",
)

_lock = threading.Lock()
_running = 0
_filters = ExitStack()


@contextmanager
def quiet_captum() -> Iterator[None]:
    """Leaves Captum's announcements out while the block runs.

    Warning filters are one list for all threads: the first of several blocks that run at the
    same time sets them, and the last one puts back what was there.
    """
    global _running  # noqa: PLW0603
    with _lock:
        if _running == 0:
            _filters.enter_context(warnings.catch_warnings())
            for message in ANNOUNCEMENTS:
                warnings.filterwarnings("ignore", message)
        _running += 1
    try:
        yield
    finally:
        with _lock:
            _running -= 1
            if _running == 0:
                _filters.close()
