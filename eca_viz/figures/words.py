"""How much room words take: a wide character, such as a Chinese one, takes two columns."""

from collections.abc import Sequence
from unicodedata import east_asian_width


def columns(words: str) -> int:
    """The width of a line of text, in columns of one Latin character."""
    return sum(2 if _is_wide(one) else 1 for one in words)


def cut(words: str, most: int) -> str:
    """The words, or their beginning and an ellipsis where they take more than `most` columns."""
    if columns(words) <= most:
        return words
    while columns(words) > most - 1:
        words = words[:-1]
    return f"{words}…"


def joined(parts: Sequence[str]) -> str:
    """Parts that are not empty on one line, with spaces but between wide characters."""
    line = ""
    for part in filter(None, parts):
        touching = not line or (_is_wide(line[-1]) and _is_wide(part[0]))
        line += part if touching else f" {part}"
    return line


def _is_wide(character: str) -> bool:
    return east_asian_width(character) in "WF"
