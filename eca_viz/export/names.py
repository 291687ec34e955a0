"""Names of files and folders out of text from outside."""

import re

from eca_viz.locale.plain_text import escaped

LONGEST = 100
# What Windows, the strictest, has no file with.
_NOT_IN_NAMES = re.compile(r'[<>:"/\\|?*]')
# Windows' devices, also with blanks or an extension after them.
_DEVICES = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[\d¹²³]) *(\..*)?", re.IGNORECASE
)


def file_name(text: str) -> str:
    """The name of a file or folder for a text: one that every system has, at most 100 characters.

    It is the text itself wherever it can be.
    """
    name = _NOT_IN_NAMES.sub("_", escaped(text))[:LONGEST].rstrip(". ").lstrip(" ")
    if _DEVICES.fullmatch(name):
        name = f"_{name}"
    return name or "_"


def entry_name(path: str) -> str:
    """The path of an entry of an archive, relative and with /, each part a `file_name`."""
    return "/".join(file_name(part) for part in path.split("/"))
