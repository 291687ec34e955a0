"""A table of some images of a folder."""

from collections.abc import Sequence
from pathlib import Path


def list_of(folder: Path, paths: Sequence[Path]) -> Path:
    table = folder.parent / f"{len(paths)}.csv"
    lines = [f"{path.relative_to(folder)},{path.parent.name}\n" for path in paths]
    table.write_text("path,label\n" + "".join(lines), encoding="utf-8")
    return table
