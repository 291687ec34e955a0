"""Copies the table of a Parquet file that someone sent; run as a program of its own.

    python -I -W ignore copy_table.py MOST_ROWS < FILE.parquet > TABLE.arrow

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
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

# What is refused: more rows than are accepted, more than this process may take, no room on the
# disk, and what is no such file.
ROWS, LARGE, FULL, DAMAGED = "rows", "large", "full", "damaged"
# Bytes of text beside the rows: objects of Python take some twenty times as many.
MOST_TEXT = 2**24
BATCH = 2**14  # rows


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


def main(most_rows: int) -> None:
    """Copies standard input to standard output, which are files."""
    try:
        copy(sys.stdin.buffer, sys.stdout.buffer, most_rows)
    except RefusedError as refused:
        output = sys.stdout.fileno()
        os.ftruncate(output, 0)
        os.lseek(output, 0, os.SEEK_SET)
        os.write(output, json.dumps([refused.kind, refused.detail]).encode())
        os._exit(1)  # without what is left of the table to write


if __name__ == "__main__":
    main(int(sys.argv[1]))
