"""What a run over a folder has finished, on disk, so that the same command goes on there."""

import json
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from eca_viz.errors import DataError
from eca_viz.locale.texts import text
from eca_viz.statistics.accumulate import Part
from eca_viz.statistics.engine import Chunk, Result
from eca_viz.storage.scratch import replacing
from eca_viz.storage.serial import DAMAGED, from_arrays, to_arrays

STATE = "state.safetensors"
SECONDS = 10.0
SHARE = 20  # the statistics are written in at most one of so many seconds
_TEXT = "state"


@dataclass
class _State:
    """The run that `key` describes: numbers of the finished chunks, and their statistics."""

    key: str
    done: list[int] = field(default_factory=list)
    part: Part = field(default_factory=Part.zero)


class Kept:
    """The finished chunks of one run: a file with the rows of each, and one with all statistics.

    The rows of a chunk are written before the statistics that contain it, each file as a whole.
    The statistics are written every SECONDS, less often where that takes long, and by `flush`, so
    that a run that is killed loses what it did since then, and one that is interrupted only the
    chunks that it was working on.
    """

    def __init__(self, out: Path, key: str) -> None:
        self.folder = out.with_name(f"{out.name}.part")
        self._state, self._written, self._took = _State(key), 0.0, 0.0
        if (self.folder / STATE).exists():
            self._state = self._read(key)
        self.folder.mkdir(parents=True, exist_ok=True)

    def _read(self, key: str) -> _State:
        path = self.folder / STATE
        try:
            with safe_open(path, "np") as file:
                state = from_arrays(_State, file.metadata()[_TEXT], file.get_tensor)
        except (OSError, SafetensorError, *DAMAGED) as error:
            raise DataError(
                text(
                    "{path} is damaged ({error}); remove {folder}",
                    path=str(path),
                    error=str(error),
                    folder=str(self.folder),
                )
            ) from error
        if state.key != key:
            raise DataError(
                text(
                    "{folder} holds a part of another run ({difference}); remove it, or write into "
                    "another file",
                    folder=str(self.folder),
                    difference=_difference(state.key, key),
                )
            )
        return state

    @property
    def part(self) -> Part:
        """The statistics of all finished chunks."""
        return self._state.part

    def left(self, chunks: Sequence[Chunk]) -> tuple[Chunk, ...]:
        """The chunks that are not finished."""
        done = set(self._state.done)
        return tuple(chunk for chunk in chunks if chunk.number not in done)

    def add(self, result: Result) -> None:
        """Keeps a finished chunk."""
        with replacing(self._rows(result.number)) as partial:
            pd.DataFrame(result.rows).to_parquet(partial, index=False)
        state = self._state
        self._state = _State(state.key, [*state.done, result.number], state.part.merge(result.part))
        if time.monotonic() - self._written > max(SECONDS, SHARE * self._took):
            self.flush()

    def flush(self) -> None:
        """Writes the statistics of all finished chunks."""
        start = time.monotonic()
        arrays, rest = to_arrays(self._state)
        with replacing(self.folder / STATE) as partial:
            save_file(arrays, partial, {_TEXT: rest})
        self._written = time.monotonic()
        self._took = self._written - start

    def rows(self) -> list[Path]:
        """The files with the rows of the finished chunks, in the images' order."""
        return [self._rows(number) for number in sorted(self._state.done)]

    def _rows(self, number: int) -> Path:
        return self.folder / f"images-{number:06}.parquet"

    def remove(self) -> None:
        """Removes all files, once the result is written."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _difference(theirs: str, ours: str) -> str:
    """What differs between the keys of two runs, which are JSON objects."""
    there, here = json.loads(theirs), json.loads(ours)
    if there.get("task") != here["task"]:
        return text("of {theirs}, now {ours}", theirs=str(there.get("task")), ours=here["task"])
    return ", ".join(
        f"{key} {there.get(key)}, now {here[key]}" for key in here if there.get(key) != here[key]
    )
