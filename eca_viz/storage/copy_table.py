"""Copies the table of a Parquet file that someone sent; run as a program of its own.

    python -I -W ignore copy_table.py MOST_ROWS MOST_BYTES SECONDS < FILE.parquet > TABLE.arrow

A few bytes of a Parquet file may stand for gigabytes, such as a text that is written once and meant
by each row. So it is read in a process whose memory, time and output are limited; `untrusted_table`
starts it. What it writes is Arrow's stream format or, where a table is refused, a line of JSON,
[kind, detail], with the exit code 1. This module imports nothing of eca_viz, since the program does
not find it.
"""

import errno
import json
import os
import sys
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

# What is refused: more rows than are accepted, more than this process may take, no room on the
# disk, and what is no such file.
ROWS, LARGE, FULL, DAMAGED = "rows", "large", "full", "damaged"
# Bytes of text beside the rows: objects of Python take some twenty times as many.
MOST_TEXT = 2**24
BATCH = 2**14  # rows
# Of memory beside the table: threads, and what is read at a time.
SPARE_BYTES = 2**28


class RefusedError(Exception):
    """A table that is not copied: the kind of reason, and its detail."""

    def __init__(self, kind: str, detail: str = "") -> None:
        super().__init__(kind, detail)
        self.kind, self.detail = kind, detail


def copy(source: BinaryIO, target: BinaryIO, most_rows: int) -> None:
    """Writes the table and its metadata as an Arrow stream; raises RefusedError.

    Args:
        source: The Parquet file.
        target: Is written to.
        most_rows: How many rows are accepted.
    """
    try:
        file = pq.ParquetFile(source, arrow_extensions_enabled=False)
        if file.metadata.num_rows > most_rows:
            raise RefusedError(ROWS, str(file.metadata.num_rows))
        about = file.schema_arrow.metadata or {}
        if sum(map(len, (*about, *about.values()))) > MOST_TEXT:
            raise RefusedError(LARGE)
        with pa.ipc.new_stream(target, file.schema_arrow) as stream:
            for batch in file.iter_batches(BATCH, use_threads=False):
                stream.write_batch(batch)
        target.flush()
    except RefusedError:
        raise
    except MemoryError as error:
        raise RefusedError(LARGE) from error
    except Exception as error:  # a damaged file may raise anything
        number = error.errno if isinstance(error, OSError) else None
        kind = {errno.EFBIG: LARGE, errno.ENOSPC: FULL}.get(number or 0, DAMAGED)
        raise RefusedError(kind, type(error).__name__) from error


def limit(most_bytes: int, seconds: int) -> None:
    """Lets this process write so many bytes, hold twice as many, and work so many seconds."""
    if sys.platform != "linux":
        return
    import resource

    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    held = pages * os.sysconf("SC_PAGE_SIZE")
    for kind, most in (
        (resource.RLIMIT_AS, held + SPARE_BYTES + 2 * most_bytes),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, most_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (allowed, allowed))


def main(most_rows: int, most_bytes: int, seconds: int) -> None:
    """Copies standard input to standard output, which are files, and ends this process.

    Args:
        most_rows: How many rows are accepted.
        most_bytes: As for `limit`.
        seconds: As for `limit`.
    """
    limit(most_bytes, seconds)
    code = 0
    try:
        copy(sys.stdin.buffer, sys.stdout.buffer, most_rows)
    except RefusedError as refused:
        output, code = sys.stdout.fileno(), 1
        os.ftruncate(output, 0)
        os.lseek(output, 0, os.SEEK_SET)
        os.write(output, json.dumps([refused.kind, refused.detail]).encode())
    # Without writing what is left of a refused table, and without ending Arrow's threads, in which
    # a process may crash.
    os._exit(code)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
