"""Tables that someone sent: read in a process that ends when nobody waits, or it takes too long."""

from pathlib import Path
from subprocess import Popen
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from eca_viz.errors import DataError
from eca_viz.locale.texts import text
from eca_viz.storage import untrusted_table
from eca_viz.storage.copy_table import DAMAGED, FULL, LARGE, ROWS, RefusedError, copy
from eca_viz.storage.untrusted_table import opened, read_table, reason

TABLE = pa.table({"n": [1, 2], "word": ["a", None]}, metadata={"about": "tests"})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "t.parquet"
    pq.write_table(TABLE, path)
    return path


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Popen[bytes]]:
    """The processes that a test starts; each is looked at every hundredth of a second."""
    found = []

    def start(*arguments: Any, **options: Any) -> Popen[bytes]:
        found.append(Popen(*arguments, **options))
        return found[-1]

    monkeypatch.setattr(untrusted_table.subprocess, "Popen", start)
    monkeypatch.setattr(untrusted_table, "PULSE", 0.01)
    return found


def test_the_table_and_its_metadata(path: Path) -> None:
    with path.open("rb") as file:
        found = read_table(file, 2)
    assert found.equals(TABLE, check_metadata=True)
    with opened(path.read_bytes(), text("give another")) as (file, name):
        assert name == "the file"
        assert read_table(file, 2).equals(TABLE)
        with pytest.raises(RefusedError) as refused:
            read_table(file, 1)
    assert (refused.value.kind, refused.value.detail) == (ROWS, "2")


def test_nobody_waits_any_more(path: Path, started: list[Popen[bytes]]) -> None:
    def gone() -> None:
        raise LookupError("the visit has ended")

    with path.open("rb") as file, pytest.raises(LookupError, match="the visit has ended"):
        read_table(file, 2, gone)
    assert [one.returncode for one in started] == [-9]


def test_it_takes_too_long(
    path: Path, started: list[Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(untrusted_table, "WAITS", 0)
    with path.open("rb") as file, pytest.raises(RefusedError) as refused:
        read_table(file, 2)
    assert refused.value.kind == LARGE
    assert [one.returncode for one in started] == [-9]


def test_its_process_is_ended(path: Path, started: list[Popen[bytes]]) -> None:
    def end() -> None:
        started[0].terminate()

    with path.open("rb") as file:
        assert read_table(file, 2, end).equals(TABLE)
    assert len(started) == 2


def test_its_process_is_ended_again(path: Path, started: list[Popen[bytes]]) -> None:
    def end() -> None:
        started[-1].terminate()

    with path.open("rb") as file, pytest.raises(RefusedError) as refused:
        read_table(file, 2, end)
    assert refused.value.kind == LARGE
    assert len(started) == 2


def test_a_reader_that_writes_something_else(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file may make the reader do anything; what it says is not trusted."""
    program = tmp_path / "program.py"
    monkeypatch.setattr(untrusted_table.copy_table, "__file__", str(program))
    said = ("", "[1]", "[1, 2, 3]", '["rows", "many"]', '["damaged", "a\\nb"]', '["other", "A"]')
    for code in ("print('x')", *(f"print({one!r}), exit(1)" for one in said)):
        program.write_text(code, encoding="utf-8")
        with path.open("rb") as file, pytest.raises(RefusedError) as refused:
            read_table(file, 2)
        assert refused.value.kind == DAMAGED
        assert refused.value.detail.isidentifier()


def test_reasons_in_words() -> None:
    assert reason(RefusedError(ROWS, "3")) == "it has too many rows"
    assert "more memory or time" in reason(RefusedError(LARGE))
    assert "temporary files is full" in reason(RefusedError(FULL))
    assert reason(RefusedError(DAMAGED, "OSError")) == "OSError"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full = Path("/dev/full")
    with (
        path.open("rb") as file,
        full.open("wb", buffering=0) as target,
        pytest.raises(RefusedError) as refused,
    ):
        copy(file, target, 2)
    assert refused.value.kind == FULL
    monkeypatch.setattr(untrusted_table.tempfile, "TemporaryFile", lambda: full.open("w+b"))
    with (
        pytest.raises(DataError, match=r"the file cannot be read \(No space left .*give another"),
        opened(path.read_bytes(), text("give another")),
    ):
        pass
