"""Opens what a person names where it is a file: nothing else is read, and nothing waits."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path

from eca_viz.errors import EcaVizError
from eca_viz.locale.texts import Text, text

# Where a path has become a named pipe since it was looked at, opening does not wait.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_KINDS = {
    stat.S_IFDIR: text("it is a folder, not a file"),
    stat.S_IFIFO: text("it is a named pipe, not a file"),
    stat.S_IFSOCK: text("it is a socket, not a file"),
}


@contextmanager
def open_file(path: Path, error: type[EcaVizError], advice: Text) -> Iterator[BufferedReader]:
    """A file, open for reading while the `with` block runs.

    A named pipe, on which opening would wait, a device, a socket and a folder are refused at once.

    Args:
        path: Of the file.
        error: The type of the error.
        advice: The end of its sentence: what to give instead.

    Returns:
        A context that gives the file, in binary.

    Raises:
        EcaVizError: As `error`, where there is no file at `path` or it cannot be read, also where
            the block raises OSError.
    """
    if "\0" in str(path):
        raise error(
            text(
                "{path} holds a NUL character, which no file's name has; {advice}",
                path=str(path),
                advice=advice,
            )
        )
    try:
        _check(path.stat().st_mode)  # opening a device may already do something
        with os.fdopen(os.open(path, _FLAGS), "rb") as file:
            _check(os.fstat(file.fileno()).st_mode)
            yield file
    except OSError as found:
        raise error(
            text(
                "{path} cannot be read ({error}); {advice}",
                path=str(path),
                error=found.strerror,
                advice=advice,
            )
        ) from found


def _check(mode: int) -> None:
    """Raises OSError for what is no file, with what it is."""
    kind = stat.S_IFMT(mode)
    if kind != stat.S_IFREG:
        raise OSError(0, _KINDS.get(kind, text("it is a device, not a file")))
