"""The commands `statistics`, `need` and `prune`: one network over a folder of images."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from eca_viz.cli.options import (
    SKIPPED,
    SUCCESS,
    add_device_option,
    add_network_options,
    load,
    not_negative,
    positive,
    say,
    show_progress,
    warn,
)
from eca_viz.errors import DataError

if TYPE_CHECKING:
    from eca_viz.cli.options import Commands
    from eca_viz.statistics.engine import Engine

ENGINES = ("local", "ray")


def add_commands(commands: "Commands") -> None:
    """`statistics`, `need` and `prune`."""
    statistics = commands.add_parser(
        "statistics",
        help="gates per layer, channel and class over a folder of images",
        description="Runs a network over a folder of images and writes what its gates are per "
        "layer, channel and class. Stopped, the same command goes on where it was.",
    )
    _add_folder_options(statistics)
    statistics.add_argument(
        "--effects",
        action="store_true",
        help="compute gate × gradient of the predicted class's logit too; about three times as "
        "long",
    )
    statistics.set_defaults(run=_statistics)

    need = commands.add_parser(
        "need",
        help="what attention is worth: accuracy with changed gates",
        description="Top-1 accuracy and mean log-probability over a folder of labelled images "
        "with the gates as they are and changed in several ways, in all layers and stage by stage.",
    )
    _add_folder_options(need)
    need.add_argument(
        "--statistics",
        type=Path,
        metavar="FILE",
        help="what `statistics` wrote for the same network: its mean gates; default: the shipped "
        "ones, for other networks those of the eight samples",
    )
    need.set_defaults(run=_need)

    prune = commands.add_parser(
        "prune",
        help="accuracy against the share of channels set to zero",
        description="Top-1 accuracy over a folder of labelled images while the gates of a share "
        "of each layer's channels are zero: weakest first by mean gate, by effect, and at random. "
        "Statistics with effects say which are weakest.",
    )
    _add_folder_options(prune)
    prune.add_argument(
        "--statistics",
        type=Path,
        required=True,
        metavar="FILE",
        help="what `statistics --effects` wrote for the same network, of other images or the same",
    )
    prune.set_defaults(run=_prune)


def _add_folder_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folder", type=Path, metavar="DIR", help="a folder with one folder a class, or a flat one"
    )
    add_network_options(parser)
    add_device_option(parser)
    parser.add_argument(
        "--table",
        type=Path,
        metavar="FILE",
        help="a CSV file with the columns path (relative to DIR) and label, in place of a walk",
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="the Parquet file to write"
    )
    parser.add_argument(
        "--workers", type=not_negative, default=2, metavar="N", help="processes that decode images"
    )
    parser.add_argument("--engine", choices=ENGINES, default=ENGINES[0])
    parser.add_argument(
        "--address", metavar="ADDRESS", help="of a running Ray cluster; default: this machine"
    )
    parser.add_argument(
        "--actors", type=positive, default=2, metavar="N", help="Ray: processes with the network"
    )
    parser.add_argument(
        "--gpus-per-actor", type=float, default=0.0, metavar="SHARE", help="Ray: of one GPU"
    )


def _engine(options: argparse.Namespace) -> "Engine":
    if options.engine == "ray":
        if options.device:
            raise DataError(
                f"got --device {options.device} with --engine ray, whose actors run on the CPU or "
                "on --gpus-per-actor of a GPU; leave --device out"
            )
        from eca_viz.statistics.on_ray import on_ray

        return on_ray(options.address, options.actors, options.gpus_per_actor)
    from eca_viz.statistics.local import local

    return local(options.workers)


def _statistics(options: argparse.Namespace) -> int:
    from eca_viz.analysis.statistics import overview_lines
    from eca_viz.statistics.run import folder_statistics

    found = folder_statistics(
        options.folder,
        load(options),
        table=options.table,
        out=options.out,
        effects=options.effects,
        engine=_engine(options),
        progress=show_progress,
    )
    for line in overview_lines(found):
        say(line)
    return _written(options)


def _written(options: argparse.Namespace) -> int:
    """Says what was written and which images were skipped; the exit code."""
    from eca_viz.statistics.files import images_file
    from eca_viz.statistics.run import skipped

    bad = skipped(options.out)
    for path, problem in bad:
        warn(f"skipped {path}: {problem}")
    say(str(options.out))
    say(str(images_file(options.out)))
    return SKIPPED if bad else SUCCESS


def _need(options: argparse.Namespace) -> int:
    from eca_viz.analysis.need import finding, need_lines
    from eca_viz.statistics.files import read_statistics
    from eca_viz.statistics.need import attention_need

    given = options.statistics
    found = attention_need(
        options.folder,
        load(options),
        None if given is None else read_statistics(given),
        table=options.table,
        out=options.out,
        engine=_engine(options),
        progress=show_progress,
    )
    for line in (*need_lines(found), finding(found)):
        say(line)
    return _written(options)


def _prune(options: argparse.Namespace) -> int:
    from eca_viz.analysis.need import need_lines
    from eca_viz.statistics.files import read_statistics
    from eca_viz.statistics.need import pruning

    found = pruning(
        options.folder,
        load(options),
        read_statistics(options.statistics),
        table=options.table,
        out=options.out,
        engine=_engine(options),
        progress=show_progress,
    )
    for line in need_lines(found):
        say(line)
    return _written(options)
