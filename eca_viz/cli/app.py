"""The command `app`."""

import argparse
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from eca_viz.cli.options import positive
from eca_viz.errors import DataError
from eca_viz.paths import IMAGES_VARIABLE, NETWORK_VARIABLE, STATISTICS_VARIABLE
from eca_viz.ui.options import SETTINGS, script

if TYPE_CHECKING:
    from eca_viz.cli.options import Commands

# Seconds for the app to end in order.
PATIENCE = 10.0


def add_commands(commands: "Commands") -> None:
    """`app`."""
    app = commands.add_parser(
        "app",
        help="start the app, with a network or statistics of your own",
        description="Starts the app as `streamlit run app.py` does, with a network or statistics "
        "of your own.",
    )
    app.add_argument(
        "--network",
        metavar="FILE.py:FUNCTION",
        help="a function that takes nothing and returns a torch module; its file, which is run, "
        "may define `preprocess`, `labels`, `also` and `score`",
    )
    app.add_argument(
        "--statistics",
        type=Path,
        metavar="FILE",
        help="what `statistics` wrote: the page Classes opens with it",
    )
    app.add_argument(
        "--images",
        type=Path,
        metavar="DIR",
        help="the folder of its images: the page Channel shows them to all visitors",
    )
    app.add_argument("--port", type=positive, metavar="N", help="default: 8501, or the next free")
    app.add_argument("--no-browser", action="store_true", help="open no window")
    app.set_defaults(run=_app)


def _app(options: argparse.Namespace) -> int:
    environment = dict(os.environ)
    if options.network is not None:
        environment[NETWORK_VARIABLE] = _own_network(options.network)
    if options.statistics is not None:
        from eca_viz.statistics.files import read_statistics

        read_statistics(options.statistics)  # a file that cannot be used is said here
        environment[STATISTICS_VARIABLE] = str(options.statistics.absolute())
    if options.images is not None:
        if not options.images.is_dir():
            raise DataError(f"{options.images} is no folder; give the folder of the images")
        environment[IMAGES_VARIABLE] = str(options.images.absolute())
    command = [sys.executable, "-m", "streamlit", "run", str(script()), *_flags()]
    if options.port is not None:
        command += ["--server.port", str(options.port)]
    if options.no_browser:
        command += ["--server.headless", "true"]
    return _run(command, environment)


def _run(command: list[str], environment: dict[str, str]) -> int:
    """The exit code of a command; where this process is ended, the command ends in order too."""
    with subprocess.Popen(command, env=environment) as process:
        try:
            return process.wait()
        except BaseException:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE)
            process.kill()
            raise


def _flags() -> list[str]:
    return [text for name, value in SETTINGS.items() for text in (f"--{name}", str(value).lower())]


def _own_network(name: str) -> str:
    """The file and its function, which is called here, so that an error is said here."""
    from eca_viz.networks.own import load_own, needs_images

    network = load_own(name)
    needs_images(network)
    return network.record.name
