"""Text from outside as one line that a terminal and a page can show."""

import re

_BREAK = re.compile(r"[ ]*[\t\n\v\f\r\x85\u2028\u2029]\s*")
# Controls, line breaks, halves of surrogate pairs, and what turns the direction of writing.
UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def one_line(text: str) -> str:
    r"""The text with a space for each line break, and control characters as Python writes them.

    >>> one_line("a\nb \x1b[31m")
    'a b \\x1b[31m'
    """
    return escaped(_BREAK.sub(" ", text))


def escaped(text: str) -> str:
    """The text with control characters, line breaks too, as Python writes them in a string."""
    return UNSAFE.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def shortened(text: str, most: int = 80) -> str:
    """The text, or its beginning where it is longer than `most` characters."""
    return text if len(text) <= most else f"{text[:most]}…"
