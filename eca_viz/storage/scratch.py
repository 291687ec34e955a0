"""Temporary files and folders: beside the place of a result, or gone with their process."""

import atexit
import contextlib
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

PREFIX = "eca_viz-scratch-"
# Younger ones may belong to a process that has not locked them yet.
SWEPT_AFTER = 60.0
_swept: set[Path] = set()
_own: set[Path] = set()


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path beside another one, to which a file or folder is moved where the block succeeds.

    A file there is replaced in one step. Where the block fails, nothing of it is left.

    >>> with replacing(path) as partial:
    ...     partial.write_bytes(data)

    Args:
        path: Where the result goes; its folder exists.

    Returns:
        A context that gives the path to write to, at which there is nothing.

    Raises:
        OSError: Where there is a folder at `path` that is not empty.
    """
    partial = path.with_name(f".{path.name[:100]}-{secrets.token_hex(4)}.partial")
    try:
        yield partial
        partial.replace(path)
    except BaseException:
        if partial.is_dir():
            shutil.rmtree(partial, ignore_errors=True)
        else:
            partial.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder below the system's for temporary files, gone after the block.

    Where the process is ended it goes too, or else the next process that needs one removes it.
    """
    parent = Path(tempfile.gettempdir())
    if parent not in _swept:
        _swept.add(parent)
        sweep()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    _own.add(folder)
    try:
        with _locked(folder):
            yield folder
    finally:
        if folder in _own:
            shutil.rmtree(folder, ignore_errors=True)
            _own.discard(folder)


def sweep() -> None:
    """Removes the folders of processes that were killed; on Windows, without locks, none."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            old = time.time() - folder.stat().st_mtime > SWEPT_AFTER
            if old and folder not in _own and folder.is_dir() and not folder.is_symlink():
                with _locked(folder) as mine:
                    if mine:
                        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    """Whether this process holds a folder while the block runs; the system lets go of it."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield False
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            held = True
        except OSError:  # of another process, or the file system has no locks
            held = False
        yield held
    finally:
        os.close(handle)


@atexit.register
def _remove_own() -> None:
    for folder in tuple(_own):
        shutil.rmtree(folder, ignore_errors=True)


def _disown() -> None:
    """After a fork: the folders are the parent's."""
    _own.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_disown)
