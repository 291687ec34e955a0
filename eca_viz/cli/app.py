"""The command `app`."""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eca_viz.cli.options import SUCCESS, positive
from eca_viz.errors import DataError
from eca_viz.extras import require
from eca_viz.paths import IMAGES_VARIABLE, NETWORK_VARIABLE, STATISTICS_VARIABLE

if TYPE_CHECKING:
    from eca_viz.cli.options import Commands


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
    require("streamlit", "app")
    if options.network is not None:
        os.environ[NETWORK_VARIABLE] = _own_network(options.network)
    if options.statistics is not None:
        from eca_viz.statistics.files import read_statistics

        read_statistics(options.statistics)  # a file that cannot be used is said here
        os.environ[STATISTICS_VARIABLE] = str(options.statistics.absolute())
    if options.images is not None:
        if not options.images.is_dir():
            raise DataError(f"{options.images} is no folder; give the folder of the images")
        os.environ[IMAGES_VARIABLE] = str(options.images.absolute())
    changed: dict[str, Any] = {}
    if options.port is not None:
        changed["server.port"] = options.port
    if options.no_browser:
        changed["server.headless"] = True
    from eca_viz.ui.application import run

    run(changed)
    return SUCCESS


def _own_network(name: str) -> str:
    """The file and its function, which is called here, so that an error is said here."""
    from eca_viz.networks.own import load_own, needs_images

    network = load_own(name)
    needs_images(network)
    return network.record.name
