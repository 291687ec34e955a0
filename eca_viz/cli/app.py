"""The command `app`."""

import argparse
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eca_viz.cli.options import SUCCESS, positive
from eca_viz.errors import DataError
from eca_viz.paths import (
    ACCURACY_VARIABLE,
    IMAGES_VARIABLE,
    NETWORK_VARIABLE,
    OFFLINE_VARIABLE,
    STATISTICS_VARIABLE,
)
from eca_viz.version import require

# The largest upload of a visitor to a public page: an image has a limit of 20 MB anyway.
PUBLIC_MB = 20

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
        "--accuracy",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="what `need` or `prune` wrote, for the page Classes too; may be given several times",
    )
    app.add_argument(
        "--images",
        type=Path,
        metavar="DIR",
        help="the folder of its images: the page Channel shows them to all visitors",
    )
    app.add_argument("--no-browser", action="store_true", help="open no window")
    server = app.add_argument_group(
        "for other machines",
        "Other options of Streamlit are variables of the environment, as "
        "STREAMLIT_SERVER_SSL_CERT_FILE. /_stcore/health answers when the server runs, /ready when "
        "the first network answers. assets/docs/hosting.md says what a host needs.",
    )
    server.add_argument(
        "--port", type=positive, metavar="N", help="default: 8501, or the next free"
    )
    server.add_argument(
        "--address", metavar="IP", help="to listen at; default: localhost, all: 0.0.0.0"
    )
    server.add_argument(
        "--host",
        action="append",
        default=[],
        metavar="NAME",
        help="a name under which browsers reach it, such as demo.example.org or *.example.org; may "
        "be given several times; localhost and addresses of IP need not be named",
    )
    server.add_argument("--path", metavar="PATH", help="below which it lies, behind a proxy")
    server.add_argument(
        "--public",
        action="store_true",
        help=f"visitors download no networks and upload at most {PUBLIC_MB} MB",
    )
    app.set_defaults(run=_app)


def _app(options: argparse.Namespace) -> int:
    require("streamlit", "app")
    if options.network is not None:
        os.environ[NETWORK_VARIABLE] = _own_network(options.network)
    if options.statistics is not None:
        from eca_viz.statistics.files import read_statistics

        read_statistics(options.statistics)  # a file that cannot be used is said here
        os.environ[STATISTICS_VARIABLE] = str(options.statistics.absolute())
    if options.accuracy:
        from eca_viz.statistics.accuracy_files import read_accuracy

        for path in options.accuracy:
            read_accuracy(path)
        paths = [str(path.absolute()) for path in options.accuracy]
        os.environ[ACCURACY_VARIABLE] = json.dumps(paths)
    if options.images is not None:
        if not options.images.is_dir():
            raise DataError(f"{options.images} is no folder; give the folder of the images")
        os.environ[IMAGES_VARIABLE] = str(options.images.absolute())
    if options.public:
        os.environ[OFFLINE_VARIABLE] = "1"
    from eca_viz.ui.application import run

    run(_changed(options))
    return SUCCESS


def _changed(options: argparse.Namespace) -> dict[str, Any]:
    """Streamlit's options that the command line sets."""
    given = {
        "server.port": options.port,
        "server.address": options.address,
        # Streamlit's own check of the WebSocket knows no name but these.
        "server.allowedHosts": options.host and [*options.host, "localhost", "127.0.0.1"],
        "server.baseUrlPath": options.path,
        "server.headless": options.no_browser or options.public,
        "server.maxUploadSize": PUBLIC_MB if options.public else None,
    }
    return {name: value for name, value in given.items() if value}


def _own_network(name: str) -> str:
    """The file and its function, which is called here, so that an error is said here."""
    from eca_viz.networks.own import load_own, needs_images

    network = load_own(name)
    needs_images(network)
    return network.record.name
