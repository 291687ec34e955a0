"""The command line: puts the groups of commands together and turns errors into exit codes."""

import argparse
import io
import os
import signal
import sys
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn

from eca_viz.cli import app, bench, explain, mechanisms, networks, samples, statistics, training
from eca_viz.cli.log import write_log
from eca_viz.cli.options import UNFORESEEN, USAGE, warn
from eca_viz.cli.overview import describe
from eca_viz.errors import EcaVizError
from eca_viz.locale.plain_text import one_line, shortened
from eca_viz.version import __version__

GROUPS = (app, explain, networks, statistics, training, samples, bench, mechanisms)
STOPPED = 130
# As of a program that SIGPIPE has ended.
NOBODY_READS = 141
# As of one that SIGTERM has ended.
TERMINATED = 143


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command.

    Returns the exit code: 0, 1 where something was skipped, 2 for misuse, 3 for an error that
    nobody foresaw, whose traceback is in the log that the sentence names.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal may know no arrows
    options = _parser().parse_args(arguments)
    try:
        with _ending_in_order(), warnings.catch_warnings():
            warnings.showwarning = lambda message, *_: warn(f"note: {message}")
            code: int = options.run(options)
            sys.stdout.flush()
    except EcaVizError as error:
        warn(f"eca_viz: {error}")
        return USAGE
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for Python's last flush
        return NOBODY_READS
    except OSError as error:
        warn(f"eca_viz: a file cannot be read or written: {error}")
        return USAGE
    except KeyboardInterrupt:
        warn("eca_viz: stopped")
        return STOPPED
    except Exception as error:
        what = shortened(one_line(f"{type(error).__name__}: {error}"), 200)
        warn(f"eca_viz: an error that was not foreseen ({what}); {write_log(error)}")
        return UNFORESEEN
    return code


@contextmanager
def _ending_in_order() -> Iterator[None]:
    """While it is entered, SIGTERM ends the process as an exception does, which tidies up."""

    def end(*_: object) -> NoReturn:
        raise SystemExit(TERMINATED)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, however long what was given is."""

    def error(self, message: str) -> NoReturn:
        super().error(shortened(one_line(message), 500))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="eca-viz",
        description="Shows how channel attention works inside a real network.",
    )
    parser.add_argument("--version", action="version", version=f"eca_viz {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for group in GROUPS:
        group.add_commands(commands)
    describe(parser, commands)
    return parser
