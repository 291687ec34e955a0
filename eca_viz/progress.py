"""How long work reports its progress."""

from collections.abc import Callable

Progress = Callable[[str, float], None]


def silent(what: str, fraction: float) -> None:
    """Progress that nobody watches."""
