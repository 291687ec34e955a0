"""How functions that take long report their progress."""

from collections.abc import Callable

# Called with what is being done, a Text, and the share in [0, 1] that is done of it.
Progress = Callable[[str, float], None]


def silent(what: str, fraction: float) -> None:
    """Reports nothing."""


class Ticks:
    """Called before each of `total` steps; passes on the share in [0, 1] that is done."""

    def __init__(self, total: int, progress: Callable[[float], None]) -> None:
        self._total, self._progress, self._done = total, progress, 0

    def __call__(self, *_: object) -> None:
        self._progress(min(self._done / self._total, 1.0))
        self._done += 1
