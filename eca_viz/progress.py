"""How functions that take long report their progress."""

from collections.abc import Callable

# Called with what is being done, a Text, and the share in [0, 1] that is done of it.
Progress = Callable[[str, float], None]


def silent(what: str, fraction: float) -> None:
    """Reports nothing."""
