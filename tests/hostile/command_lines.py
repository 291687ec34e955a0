"""Command lines that cannot be followed."""

import io
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path

from eca_viz.cli.main import main
from tests.hostile.measured import Case

MOST = 6000
ESCAPES = "\x1b]0;owned\x07\x9b31m\u202e"

COMMAND_LINES: tuple[tuple[str, ...], ...] = (
    ("explain", "a.png", "--target", "9" * 5000),
    ("explain", "a.png", "--target", f"cat{ESCAPES}\n"),
    ("explain", "a.png", "--network", "a\0b.pth"),
    ("explain", "a.png", "--network", "a\0b.py:build"),
    ("explain", "a.png", "--network", f"no{ESCAPES}\n"),
    ("explain", "a.png", "--network", "x" * 5000),
    ("explain", "a.png", "--saliency", f"no{ESCAPES}\n"),
    ("explain", "a.png", "--gate", f"{ESCAPES}\n:ones"),
    ("explain", "a.png", "--gate", "channel=1e400,0"),
    ("explain", "a.png", "--gate", "channel=" + "9" * 5000),
    ("statistics", "a\0b", "--out", "s.parquet"),
    ("app", "--statistics", "a\0b"),
    ("app", "--images", "a\0b"),
    ("inspect", "a\0b.safetensors"),
    ("download", f"timm:{ESCAPES}"),
    ("mechanisms", "--channels", "9" * 5000),
    ("app", "--port", "9" * 5000),
    ("explain", "a.png", f"--no{ESCAPES}\n"),
    (f"fly{ESCAPES}\n",),
)


def follow(arguments: Sequence[str]) -> int | str | None:
    """The exit code of a command line; what it explains goes to the folder `out`."""
    given = [*arguments, "--out", "out"] if arguments[0] == "explain" else arguments
    try:
        return main(given)
    except SystemExit as ended:  # argparse
        return ended.code


def cases(full: bool) -> Iterator[Case]:
    """Each command line in an empty folder; the same whether `full` or not."""
    yield Case("ordinary", lambda: _said(("mechanisms", "--channels", "64")), "^$")
    for given in COMMAND_LINES:
        yield Case(repr(" ".join(given))[1:-1][:60], lambda given=given: _said(given), ".")


def _said(arguments: Sequence[str]) -> str:
    """The last line of standard error; a parser's own usage comes before it."""
    out, err = io.StringIO(), io.StringIO()
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        with redirect_stdout(out), redirect_stderr(err):
            code = follow(arguments)
        left = list(Path().iterdir())
    if code == 0:
        assert not err.getvalue(), err.getvalue()
        return ""
    assert (code, out.getvalue(), left) in [(1, "", []), (2, "", [])], (code, out.getvalue(), left)
    *before, last, end = err.getvalue().split("\n")
    assert not end
    assert not before or before[0].startswith("usage: "), before
    return last
