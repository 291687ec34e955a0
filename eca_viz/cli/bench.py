"""The command `bench`."""

import argparse
import dataclasses
from typing import TYPE_CHECKING

from eca_viz.cli.options import SUCCESS, add_json_option, print_json

if TYPE_CHECKING:
    from eca_viz.cli.options import Commands


def add_commands(commands: "Commands") -> None:
    """`bench`."""
    bench = commands.add_parser("bench", help="measure speed and memory against baselines")
    bench.add_argument(
        "--full",
        action="store_true",
        help="more samples and runs, effects of gates, more of the memory, each layer's time",
    )
    bench.add_argument(
        "--statistics",
        action="store_true",
        help="measure statistics over many images alone: beside a bare loop, memory, Ray",
    )
    add_json_option(bench)
    bench.set_defaults(run=_bench)


def _bench(options: argparse.Namespace) -> int:
    if options.statistics:
        from eca_viz.benchmark.statistics import time_statistics

        measured = time_statistics()
    else:
        from eca_viz.benchmark.measure import measure

        measured = measure(options.full)
    results = []
    for result in measured:
        results.append(
            {**dataclasses.asdict(result), "ratio": result.ratio, "within": result.within}
        )
        if not options.json:
            print(result, flush=True)
    if options.json:
        print_json(results)
    return SUCCESS
