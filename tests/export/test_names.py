"""Names of files and folders that every system has."""

import io
import zipfile

import pytest

from eca_viz.export.names import entry_name, file_name
from eca_viz.export.zip_bundle import _zip
from tests.hostile.names import ENTRIES, FILE_NAMES


@pytest.mark.parametrize(("text", "name"), FILE_NAMES)
def test_file_name(text: str, name: str) -> None:
    assert file_name(text) == name
    assert file_name(name) == name


def test_entry_name() -> None:
    assert entry_name("/etc/passwd") == "_/etc/passwd"
    assert entry_name("../../x") == "_/_/x"
    assert entry_name("figures/01-overview.svg") == "figures/01-overview.svg"


def test_the_entries_of_a_zip_are_checked_where_it_is_written() -> None:
    data = _zip({name: name for name in ENTRIES})
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        found = {entry.filename: archive.read(entry).decode() for entry in archive.infolist()}
    assert sorted(found.values()) == sorted(ENTRIES)
    assert len({entry.casefold() for entry in found}) == len(ENTRIES)
    for entry in found:
        assert entry == entry_name(entry)
        assert entry.isprintable()
