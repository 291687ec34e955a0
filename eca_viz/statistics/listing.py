"""The images of a folder and their labels, in one order."""

import csv
import hashlib
import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from eca_viz.errors import DataError
from eca_viz.locale.texts import text
from eca_viz.storage.regular_file import open_file

# Files of other kinds are no images and are passed over; a damaged image is named and skipped.
SUFFIXES = {".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".bmp", ".gif", ".tif", ".tiff"}
SUFFIXES |= {".avif", ".heic", ".heif"}
PATH, LABEL = "path", "label"


@dataclass(frozen=True)
class Item:
    """An image: its path relative to the folder, with /, and its label, None without one."""

    path: str
    label: str | None = None


@dataclass(frozen=True)
class Listing:
    """The images below a folder, sorted by path; each has its place in `items` as its number."""

    folder: Path
    items: tuple[Item, ...]

    def file(self, item: Item) -> Path:
        """Where an image lies."""
        return self.folder / item.path

    def digest(self) -> str:
        """Changes with the paths, the labels, and the files' sizes and times."""
        digest = hashlib.sha256()
        for item in self.items:
            digest.update(repr((item, _state(self.file(item)))).encode())
        return digest.hexdigest()


def _state(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:  # said where it is read
        return None
    return found.st_size, found.st_mtime_ns


def list_images(folder: Path, table: Path | None = None) -> Listing:
    """The images of a folder, and of all below it.

    Args:
        folder: With one folder for each class, whose name is the label of the images in it and
            below it, or flat: images that lie in it directly have no label.
        table: A CSV file with the columns `path`, relative to the folder, and, if there are
            labels, `label`; in place of a walk through the folder.

    Returns:
        The listing.

    Raises:
        DataError: There is no such folder or no image, or the table cannot be used.
    """
    if not folder.is_dir():
        raise DataError(
            text("{folder} is no folder; give one that holds images", folder=str(folder))
        )
    items = sorted(_walked(folder) if table is None else _read(table), key=lambda item: item.path)
    if not items:
        raise DataError(
            text(
                "found no image in {place}; give a folder with one folder a class, or with images "
                "in it ({suffixes})",
                place=str(table or folder),
                suffixes=", ".join(sorted(SUFFIXES)),
            )
        )
    return Listing(folder, tuple(items))


def _walked(folder: Path) -> Iterator[Item]:
    """Links to folders are followed, each folder once."""
    visited = set()
    for name, below, names in os.walk(folder, followlinks=True):
        below[:] = [one for one in below if not one.startswith(".")]
        here = os.path.realpath(name)
        if here in visited:
            below.clear()
            continue
        visited.add(here)
        for place in (Path(name, one).relative_to(folder) for one in names):
            if place.suffix.casefold() in SUFFIXES:
                label = place.parts[0] if len(place.parts) > 1 else None
                yield Item(_text(place.as_posix()), None if label is None else _text(label))


def _text(name: str) -> str:
    """A name as UTF-8 can hold it; a file whose name it cannot is named and skipped."""
    return name.encode("utf-8", "backslashreplace").decode()


def _read(table: Path) -> Sequence[Item]:
    try:
        with (
            open_file(table, DataError, text("give a CSV file")) as binary,
            io.TextIOWrapper(binary, "utf-8-sig", newline="") as file,
        ):
            rows = list(csv.DictReader(file, strict=True))
    except (ValueError, csv.Error) as error:  # another encoding, or quotes that do not end
        raise DataError(
            text(
                "{path} is no CSV file ({error}); {accepted}",
                path=str(table),
                error=str(error),
                accepted=_ACCEPTED,
            )
        ) from error
    if rows and PATH not in rows[0]:
        columns = ", ".join(str(name) for name in rows[0])
        raise DataError(
            text(
                "{path} has the columns {columns}; {accepted}",
                path=str(table),
                columns=columns,
                accepted=_ACCEPTED,
            )
        )
    for number, row in enumerate(rows, 2):
        if not row[PATH] or "\0" in row[PATH]:
            raise DataError(
                text(
                    "{path} names no image in line {number}; {accepted}",
                    path=str(table),
                    number=number,
                    accepted=_ACCEPTED,
                )
            )
    items = [Item(Path(row[PATH]).as_posix(), row.get(LABEL) or None) for row in rows]
    twice = len(items) - len({item.path for item in items})
    if twice:
        raise DataError(
            text(
                "{path} names {count} images more than once; leave one row of each",
                path=str(table),
                count=twice,
            )
        )
    return items


_ACCEPTED = text("give one with a first line path,label (or path alone) and a row for each image")
