"""Names of files and folders that every system has."""

import io
import zipfile

import pytest

from eca_viz.export.names import entry_name, file_name
from eca_viz.export.zip_bundle import _zip


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("größe 日本 (1)", "größe 日本 (1)"),
        ("..", "_"),
        ("", "_"),
        ("a/b\\c:d", "a_b_c_d"),
        ('<>"|?*', "______"),
        ("a\x1b\n\0\udce9", "a_x1b_n_x00_udce9"),
        ("dot.", "dot"),
        (" blank ", "blank"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("console", "console"),
        ("x" * 300, "x" * 100),
    ],
)
def test_file_name(text: str, name: str) -> None:
    assert file_name(text) == name
    assert file_name(name) == name


def test_entry_name() -> None:
    assert entry_name("/etc/passwd") == "_/etc/passwd"
    assert entry_name("../../x") == "_/_/x"
    assert entry_name("figures/01-overview.svg") == "figures/01-overview.svg"


def test_the_entries_of_a_zip_are_checked_where_it_is_written() -> None:
    names = ["a.txt", "A.txt", "../a.txt", "/a.txt", "C:\\a.txt", "x/../../a.txt", "b\x1b/\n.txt"]
    data = _zip({name: name for name in names})
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        found = {entry.filename: archive.read(entry).decode() for entry in archive.infolist()}
    assert sorted(found.values()) == sorted(names)
    assert len({entry.casefold() for entry in found}) == len(names)
    for entry in found:
        assert entry == entry_name(entry)
        assert entry.isprintable()
