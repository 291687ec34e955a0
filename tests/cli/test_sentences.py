"""Whatever the command line is given, it answers with one line that a terminal can show."""

import json
import os
import re
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import pytest
from PIL import Image

from eca_viz.cli import log, networks
from eca_viz.cli.main import main
from eca_viz.cli.options import print_json
from tests.factories import make_pixels
from tests.hostile.command_lines import COMMAND_LINES, ESCAPES, follow
from tests.own_network import write_own_network

Captured = pytest.CaptureFixture[str]


def expect_lines(text: str) -> list[str]:
    """The lines of a text, none of which holds a control character."""
    lines = text.splitlines()
    assert text == "".join(f"{line}\n" for line in lines)
    assert all(line.isprintable() for line in lines), lines
    return lines


def test_names_and_labels_with_control_characters(tmp_path: Path, capsys: Captured) -> None:
    image, bad = (tmp_path / f"{kind}{ESCAPES}\nb.png" for kind in ("good", "bad"))
    Image.fromarray(make_pixels()).save(image)
    bad.write_bytes(b"no image")
    labels = tmp_path / "labels.txt"
    labels.write_text("\n".join(f"a{ESCAPES}{number}" for number in range(3)), encoding="utf-8")
    network = f"{write_own_network(tmp_path)}:build"
    arguments = ["explain", str(image), str(bad), "--network", network, "--labels", str(labels)]
    assert main([*arguments, "--saliency", "--out", str(tmp_path / "out")]) == 1
    printed = capsys.readouterr()
    (line,) = expect_lines(printed.out)
    shown = r"\x1b]0;owned\x07\x9b31m\u202e"
    assert re.search(rf"good{re.escape(shown)} b.png: a{re.escape(shown)}\d 0", line)
    skipped = [line for line in expect_lines(printed.err) if line.startswith("skipped")]
    assert len(skipped) == 1
    (folder,) = (path for path in (tmp_path / "out").iterdir() if path.is_dir())
    assert folder.name == r"good_x1b]0;owned_x07_x9b31m_u202e_nb"
    report = (folder / "report.html").read_text(encoding="utf-8")
    assert not re.search("[\x1b\x07\x9b\u202e]", report)


def test_a_file_name_that_is_not_utf8_is_skipped_and_leaves_nothing(
    tmp_path: Path, capsys: Captured
) -> None:
    odd, good = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.png")), tmp_path / "a.png"
    for path in (odd, good):
        Image.fromarray(make_pixels()).save(path)
    arguments = ["explain", str(odd), str(good), "--saliency", "--out", str(tmp_path / "out")]
    assert main([*arguments, "--network", "resnet_tiny_eca"]) == 1
    printed = capsys.readouterr()
    (line,) = expect_lines(printed.err)
    assert r"the name caf\udce9.png is not UTF-8; rename the file" in line
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a", "plotly.min.js"]


@pytest.mark.parametrize("arguments", COMMAND_LINES, ids=lambda arguments: repr(arguments)[:60])
def test_what_cannot_be_followed(
    arguments: tuple[str, ...], tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code = follow(arguments)
    printed = capsys.readouterr()
    assert (code, printed.out) in {(1, ""), (2, "")}
    assert len(expect_lines(printed.err)[-1]) < 6000
    assert list(tmp_path.iterdir()) == []


def test_an_error_that_nobody_foresaw(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(options: Namespace) -> int:
        raise RuntimeError(f"a{ESCAPES}\n\tb")

    monkeypatch.setattr(networks, "_networks", fail)
    monkeypatch.setattr(log, "KEPT", tmp_path)
    assert main(["networks"]) == 3
    (line,) = expect_lines(capsys.readouterr().err)
    found = re.fullmatch(r"eca_viz: .*\(RuntimeError: a.* b\); the details are in (\S+)", line)
    assert found
    written = Path(found[1])
    assert written.parent == tmp_path / "log"
    text = written.read_text(encoding="utf-8")
    assert "Traceback (most recent call last)" in text
    assert "in fail" in text
    (tmp_path / "file").touch()
    monkeypatch.setattr(log, "KEPT", tmp_path / "file")  # where no folder can be made
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert main(["networks"]) == 3
    assert str(tmp_path / "error-") in capsys.readouterr().err
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "file"))
    assert main(["networks"]) == 3
    assert "no log could be written" in capsys.readouterr().err


def test_json_holds_control_characters_as_json_writes_them(capsys: Captured) -> None:
    value = {f"a{ESCAPES}": [f"\ud800\n{ESCAPES}", "größe"]}
    print_json(value)
    printed = capsys.readouterr().out
    expect_lines(printed)
    assert json.loads(printed) == value
    assert "größe" in printed


def test_nobody_reads_what_is_printed() -> None:
    """As of `python -m eca_viz networks | head -1`."""
    program = [sys.executable, "-m", "eca_viz", "networks"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_a_terminal_that_knows_ascii_alone() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "eca_viz", "mechanisms"],
        check=True,
        capture_output=True,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
    )
    assert done.stdout.isascii()
    assert done.stderr == b""
