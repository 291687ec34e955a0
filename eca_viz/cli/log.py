"""The log of an error that nobody foresaw."""

import platform
import sys
import tempfile
import time
import traceback
from pathlib import Path

from eca_viz.paths import KEPT
from eca_viz.version import __version__


def write_log(error: BaseException) -> str:
    """Writes an error's traceback, with the command and the versions, into a file of its own.

    Args:
        error: The error.

    Returns:
        Where the log is, as the end of a sentence.
    """
    lines = [
        f"eca_viz {__version__}, Python {platform.python_version()}, {platform.platform()}\n",
        f"{sys.argv!r}\n\n",
        *traceback.format_exception(error),
    ]
    name = f"error-{time.strftime('%Y%m%d-%H%M%S')}-"
    for folder in (KEPT / "log", Path(tempfile.gettempdir())):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(
                "w",
                encoding="utf-8",
                errors="backslashreplace",
                prefix=name,
                suffix=".log",
                dir=folder,
                delete=False,
            ) as file:
                file.writelines(lines)
        except OSError:
            continue
        return f"the details are in {file.name}"
    return "no log could be written"
