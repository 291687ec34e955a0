"""What no other test runs of the hostile inputs, and the command that runs them all."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile import measured, names, tables, weight_files
from tests.hostile.__main__ import KINDS, main
from tests.hostile.measured import Case, Outcome

CASES = """
import os, sys
from eca_viz.errors import ImageError
from tests.hostile.measured import Case

MOST = 600


def fails(error):
    raise error


def cases(full):
    yield Case("good", lambda: "")
    yield Case("refused", lambda: fails(ImageError("is no image")), "no image")
    yield Case("unforeseen", lambda: fails(ValueError("of a library")))
    yield Case("printing", lambda: os.write(2, b"libtiff: bad") and "")
    yield Case("two lines", lambda: "one\\ntwo")
    yield Case("long", lambda: 600 * "x")
    yield Case("other", lambda: "", "a word")
    yield Case("full" if full else "few", lambda: "")
    if full:
        os._exit(7)
"""


def outcomes(cases: Iterator[Case], most: int) -> list[Outcome]:
    found = [measured._outcome(case, most) for case in cases]
    assert [(one.name, one.problem) for one in found if one.problem] == []
    return found


def test_damaged_weight_files_have_a_network_or_a_sentence(tmp_path: Path) -> None:
    cases = weight_files.damaged_cases(tmp_path, weight_files.DAMAGED)
    found = outcomes(cases, weight_files.MOST)
    assert len(found) == weight_files.DAMAGED
    assert 0 < sum(not one.sentence for one in found) < weight_files.DAMAGED / 2


def test_tables_that_are_small_and_stand_for_gigabytes() -> None:
    made = [*tables.OF_A_RUN, *tables.OF_ACCURACIES]
    found = outcomes(tables.made_by_hand(), tables.MOST)
    assert len([one for one in found if one.sentence]) == len(made)


def test_names() -> None:
    outcomes(names.cases(full=False), names.MOST)


@pytest.fixture
def odd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A kind of which most cases get something else than a sentence."""
    (tmp_path / "odd_cases.py").write_text(CASES)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(KINDS, "odd", "odd_cases")
    return "odd"


def test_the_command_names_what_got_no_sentence(
    odd: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main([odd, "--sentences"]) == 1
    out, err = capfd.readouterr()
    assert err == ""
    _, row, *lines = out.splitlines()
    assert row.split()[:4] == ["odd", "8", "1", "2"]
    assert [line.strip() for line in lines if line.startswith("    FAILED ")] == [
        "FAILED unforeseen: ValueError: of a library",
        "FAILED printing: printed: libtiff: bad",
        r"FAILED two lines: not one line that can be shown: 'one\ntwo'",
        f"FAILED long: 600 characters: {200 * 'x'}",
        "FAILED other: another sentence: accepted",
    ]
    assert any(line.endswith("s): is no image") for line in lines)


def test_the_command_says_that_a_process_ended(odd: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main([odd, "--full"]) == 1
    assert "FAILED what follows full: ended its process (7)" in capfd.readouterr().out


def test_an_unknown_kind(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["sounds"])
    assert "unknown: sounds; there are images, weight_files" in capfd.readouterr().err
