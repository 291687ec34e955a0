"""What several commands share: options, exit codes, progress."""

import argparse
import sys

from eca_viz.networks.spec import Network

SUCCESS, SKIPPED, USAGE = 0, 1, 2


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"got {number}; give 1 or more")
    return number


def add_network_option(parser: argparse.ArgumentParser) -> None:
    """Which network, out of which file, with which labels."""
    parser.add_argument(
        "--network",
        metavar="NETWORK",
        help="a name out of `networks` or a checkpoint's path; default: the bundled network",
    )
    _add_files(parser)


def _add_files(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--weights", metavar="FILE", help="take these weights for timm:NAME or torchvision:NAME"
    )
    parser.add_argument(
        "--labels", metavar="FILE", help="the classes' names, one in each line of a text file"
    )


def load(options: argparse.Namespace) -> "Network":
    """The network that the arguments name; a download shows its progress."""
    from eca_viz.networks.loading import load_network
    from eca_viz.networks.registry import DEFAULT_NETWORK

    return load_network(
        options.network or DEFAULT_NETWORK,
        weights=options.weights,
        labels=options.labels,
        progress=show_progress,
    )


def show_progress(what: str, fraction: float) -> None:
    """On a terminal, one line that is written over; nothing into a log."""
    if sys.stderr.isatty():
        print(f"\r\033[K{what}: {fraction:.0%}\r", end="", file=sys.stderr, flush=True)
