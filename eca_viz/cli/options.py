"""What several commands share: options, exit codes, JSON and progress."""

import argparse
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from eca_viz.errors import NetworkError
from eca_viz.locale.plain_text import UNSAFE, one_line
from eca_viz.networks.labels import read_labels

if TYPE_CHECKING:
    from eca_viz.networks.spec import Network

    Commands: TypeAlias = argparse._SubParsersAction[Any]

SUCCESS, SKIPPED, USAGE, UNFORESEEN = 0, 1, 2, 3


def positive(text: str) -> int:
    """A whole number of 1 or more, as argparse's `type`."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"got {number}; give 1 or more")
    return number


def not_negative(text: str) -> int:
    """A whole number of 0 or more, as argparse's `type`."""
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"got {number}; give 0 or more")
    return number


def add_network_options(parser: argparse.ArgumentParser) -> None:
    """`--network` with the files that go with it."""
    parser.add_argument(
        "--network",
        metavar="NETWORK",
        help="a name out of `networks`, a checkpoint's path, or a function of your own that builds "
        "one, as mymodel.py:build, whose file is run; default: the bundled network",
    )
    add_file_options(parser)


def add_file_options(parser: argparse.ArgumentParser) -> None:
    """`--weights` and `--labels`: the files of a network."""
    parser.add_argument(
        "--weights", metavar="FILE", help="take these weights for timm:NAME or torchvision:NAME"
    )
    parser.add_argument(
        "--labels", metavar="FILE", help="the classes' names, one in each line of a text file"
    )
    parser.add_argument(
        "--rename",
        metavar="OLD=NEW",
        default="",
        help="for a checkpoint whose modules have other names, as eca_attn=eca: a part of its "
        "tensors' names and what stands there instead",
    )


def add_device_option(parser: argparse.ArgumentParser) -> None:
    """`--device`: where the network computes."""
    parser.add_argument(
        "--device",
        default="",
        metavar="DEVICE",
        help="where it computes: auto, cpu, cuda, cuda:1; default: ECA_VIZ_DEVICE or auto, a GPU "
        "where there is one",
    )


def add_data_option(parser: argparse.ArgumentParser, required: bool = True) -> None:
    """`--data`: where Imagenette is."""
    parser.add_argument(
        "--data",
        type=Path,
        required=required,
        metavar="DIR",
        help="the folder that holds imagenette2-160",
    )


def add_json_option(parser: argparse.ArgumentParser) -> None:
    """`--json`: the same numbers for programs."""
    parser.add_argument("--json", action="store_true", help="print JSON")


def say(text: str) -> None:
    """Prints one line at once, without the control characters of what it quotes."""
    print(one_line(text), flush=True)


def warn(text: str) -> None:
    """`say` on standard error."""
    print(one_line(text), file=sys.stderr, flush=True)


def print_json(value: Any) -> None:
    """Prints a value as indented JSON, control characters as JSON writes them."""
    for line in json.dumps(value, indent=2, ensure_ascii=False).splitlines():
        print(re.sub(UNSAFE, lambda found: f"\\u{ord(found[0]):04x}", line))


def load(options: argparse.Namespace) -> "Network":
    """The network that the arguments name, on the device that they name; shows a download.

    Raises NetworkError as load_network does, and for a device that is not there.
    """
    device = getattr(options, "device", "")
    if device:
        from eca_viz.networks.device import find_device

        find_device(device)  # one that is not there is said before anything is read
    return _load(options).on(device)


def _load(options: argparse.Namespace) -> "Network":
    from eca_viz.networks.loading import load_network
    from eca_viz.networks.own import is_own, load_own
    from eca_viz.networks.registry import DEFAULT_NETWORK

    if is_own(options.network or ""):
        if options.weights is not None or options.rename:
            raise NetworkError(
                "got --weights or --rename with a function of your own; it loads its weights"
            )
        labels = None if options.labels is None else read_labels(Path(options.labels))
        return load_own(options.network, labels)
    return load_network(
        options.network or DEFAULT_NETWORK,
        weights=options.weights,
        labels=options.labels,
        rename=options.rename,
        progress=show_progress,
    )


def show_progress(what: str, fraction: float) -> None:
    """On a terminal, one line that is written over; nothing into a log."""
    if sys.stderr.isatty():
        print(f"\r\033[K{one_line(what)}: {fraction:.0%}\r", end="", file=sys.stderr, flush=True)
