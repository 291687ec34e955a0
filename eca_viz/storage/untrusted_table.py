"""Reads the table of a Parquet file that someone sent, in a process of its own that is limited.

On Linux it is limited in memory, in processor time and in what it writes, each by the number of
rows that are accepted. On every system it is ended when it takes WAITS times as long on the clock,
and when `waiting`, called every PULSE seconds, raises. One that a person or the system ends, or
that crashes, is started once more.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from eca_viz.errors import DataError
from eca_viz.locale.texts import Text, text
from eca_viz.storage import copy_table
from eca_viz.storage.copy_table import DAMAGED, FULL, LARGE, ROWS, RefusedError
from eca_viz.storage.regular_file import open_file

# Bytes of a row as an Arrow stream, and of a small table.
ROW_BYTES, SPARE_BYTES = 512, 2**24
SPARE_SECONDS, ROWS_A_SECOND = 10, 50_000
WAITS = 4
PULSE = 0.2  # seconds
MOST_DIGITS = 20  # of a number of rows
MOST_SAID = 200  # bytes of a reason
ATTEMPTS = 2
# SIGXCPU: how a process ends that has used up its processor time.
OUT_OF_TIME = -24
# Threads and pools of memory would take of the process's addresses.
_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}


class EndedError(Exception):
    """The process ended without saying why."""


@contextmanager
def opened(source: Path | str | bytes, advice: Text) -> Iterator[tuple[BinaryIO, str]]:
    """A Parquet file as a file of the system, with its name, while the `with` block runs.

    Args:
        source: Its path, or its bytes.
        advice: The end of an error's sentence: what to give instead.

    Raises:
        DataError: There is no file, or it cannot be read.
    """
    if not isinstance(source, bytes):
        with open_file(Path(source), DataError, advice) as file:
            yield file, str(source)
        return
    name = text("the file")
    try:
        with tempfile.TemporaryFile() as copy:
            copy.write(source)
            copy.flush()
            yield copy, name
    except OSError as error:
        raise DataError(
            text(
                "{path} cannot be read ({error}); {advice}",
                path=name,
                error=error.strerror,
                advice=advice,
            )
        ) from error


def read_table(
    source: BinaryIO, most_rows: int, waiting: Callable[[], None] | None = None
) -> pa.Table:
    """The table of a Parquet file, with the metadata of its schema.

    Args:
        source: A file of the system.
        most_rows: How many rows are accepted.
        waiting: Called while the table is read; what it raises ends that.

    Returns:
        The table.

    Raises:
        RefusedError: There is no table in it that is accepted.
    """
    for _ in range(ATTEMPTS):
        with suppress(EndedError), tempfile.TemporaryFile() as target:
            source.seek(0)
            _copy(source, target, most_rows, waiting)
            target.seek(0)
            try:
                found = pa.ipc.open_stream(target).read_all()
                found.validate(full=True)
            except (pa.ArrowException, OSError) as error:
                raise RefusedError(DAMAGED, type(error).__name__) from error
            return found
    raise RefusedError(LARGE)


def reason(refused: RefusedError) -> str:
    """Why a table is refused, as a clause."""
    return {
        ROWS: text("it has too many rows"),
        LARGE: text("it takes more memory or time than its rows may"),
        FULL: text("the folder for temporary files is full"),
    }.get(refused.kind, refused.detail)


def _copy(
    source: BinaryIO, target: BinaryIO, most_rows: int, waiting: Callable[[], None] | None
) -> None:
    """Has `copy_table` copy the table; raises RefusedError, and EndedError."""
    most_bytes = SPARE_BYTES + most_rows * ROW_BYTES
    seconds = SPARE_SECONDS + most_rows // ROWS_A_SECOND
    end = time.monotonic() + WAITS * seconds
    arguments = (str(most_rows), str(most_bytes), str(seconds))
    with _process(source, target, arguments) as process:
        while True:
            try:
                code = process.wait(PULSE)
                break
            except subprocess.TimeoutExpired:
                if time.monotonic() > end:
                    raise RefusedError(LARGE) from None
                if waiting is not None:
                    waiting()
    if code == OUT_OF_TIME:
        raise RefusedError(LARGE)
    if code < 0:
        raise EndedError
    if code:
        target.seek(0)
        raise _refused(target.read(MOST_SAID))


def _refused(said: bytes) -> RefusedError:
    """What the program said; it may have been made to say anything."""
    try:
        kind, detail = map(str, json.loads(said))
    except (ValueError, TypeError):
        kind, detail = "", ""
    if kind == ROWS and detail.isdecimal() and len(detail) < MOST_DIGITS:
        return RefusedError(ROWS, detail)
    known = kind in {LARGE, FULL, DAMAGED} and (detail.isidentifier() or not detail)
    return RefusedError(kind, detail) if known else RefusedError(DAMAGED, "ValueError")


@contextmanager
def _process(
    source: BinaryIO, target: BinaryIO, arguments: Sequence[str]
) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        [sys.executable, "-I", "-W", "ignore", copy_table.__file__, *arguments],
        stdin=source,
        stdout=target,
        stderr=subprocess.DEVNULL,
        env=os.environ | _ENVIRONMENT,
    ) as process:
        try:
            yield process
        finally:
            process.kill()
