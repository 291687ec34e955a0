"""The command line: puts the groups of commands together and turns errors into exit codes."""

import argparse
import sys
from collections.abc import Sequence

from eca_viz.cli import app, bench, explain, mechanisms, networks, samples, statistics, training
from eca_viz.cli.options import USAGE
from eca_viz.cli.overview import describe
from eca_viz.errors import EcaVizError
from eca_viz.version import __version__

GROUPS = (app, explain, networks, statistics, training, samples, bench, mechanisms)
STOPPED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit code: 0, 1 where something was skipped, 2 for misuse."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except EcaVizError as error:
        print(f"eca_viz: {error}", file=sys.stderr)
        return USAGE
    except OSError as error:
        print(f"eca_viz: a file cannot be read or written: {error}", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        print("eca_viz: stopped", file=sys.stderr)
        return STOPPED
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="eca-viz",
        description="Shows how channel attention works inside a real network.",
    )
    parser.add_argument("--version", action="version", version=f"eca_viz {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for group in GROUPS:
        group.add_commands(commands)
    describe(parser, commands)
    return parser
