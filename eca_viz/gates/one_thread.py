"""Which threads capture which modules, so that two at once are told instead of mixed up."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from torch import nn

from eca_viz.errors import NetworkError
from eca_viz.locale.texts import text

_lock = threading.Lock()
# By the id of a module: the thread that captures it, and how many times over.
_held: dict[int, tuple[int, int]] = {}


@contextmanager
def held_by_one_thread(modules: Iterable[nn.Module], what: str) -> Iterator[None]:
    """Holds modules for the current thread while the block runs, which may do so more than once.

    Args:
        modules: The modules.
        what: What the error calls their network.

    Raises:
        NetworkError: Where another thread holds one of them.
    """
    mine, keys = threading.get_ident(), {id(module) for module in modules}
    with _lock:
        if any(_held.get(key, (mine, 0))[0] != mine for key in keys):
            raise NetworkError(
                text(
                    "{network} is being captured in another thread, and the numbers of both would "
                    "be mixed; capture one after the other, or give each thread a copy.deepcopy of "
                    "it",
                    network=what,
                )
            )
        for key in keys:
            _held[key] = (mine, _held.get(key, (mine, 0))[1] + 1)
    try:
        yield
    finally:
        with _lock:
            for key in keys:
                _, times = _held.pop(key)
                if times > 1:
                    _held[key] = (mine, times - 1)
