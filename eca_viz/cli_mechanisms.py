"""The commands about mechanisms: `mechanisms` and `ablate`; arguments and printing only."""

import argparse
from pathlib import Path
from typing import Any

from eca_viz.paths import ABLATION, ASSETS

SEEDS = 3


def add_commands(commands: Any) -> None:
    """`mechanisms` and `ablate`."""
    ablate = commands.add_parser(
        "ablate", help="train every attention mechanism alike, or report what was measured"
    )
    ablate.add_argument("--data", type=Path, metavar="DIR", help="the folder with Imagenette")
    ablate.add_argument("--out", type=Path, default=Path("runs/ablate"), metavar="DIR")
    ablate.add_argument(
        "--assets",
        type=Path,
        default=ASSETS,
        metavar="DIR",
        help="where the table and the shipped weights go; default: the project's",
    )
    ablate.add_argument("--seeds", type=positive, default=SEEDS, metavar="N")
    ablate.add_argument("--jobs", type=positive, default=1, metavar="N", help="runs at once")
    ablate.add_argument("--report", action="store_true", help="print the table, train nothing")
    ablate.set_defaults(run=_ablate, parser=ablate)


def positive(text: str) -> int:
    """A whole number, 1 or more."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"got {number}; give 1 or more")
    return number


def _ablate(options: argparse.Namespace) -> int:
    if options.data is None:
        options.parser.error("give --data DIR to train, or --report to see what was measured")
    from eca_viz.results import read_rows
    from eca_viz.training.ablation import ablate, left, plan

    total = len(plan(options.seeds))
    for row in ablate(
        options.data,
        options.out,
        options.assets,
        seeds=options.seeds,
        jobs=options.jobs,
        report=lambda line: print(line, flush=True),
    ):
        remaining = len(left(read_rows(options.assets / ABLATION), options.seeds))
        print(
            f"{row.mechanism} seed {row.seed}: top-1 {row.top1:.4f}  top-5 {row.top5:.4f}  "
            f"{row.seconds:.0f} s  left {remaining} of {total} runs",
            flush=True,
        )
    return 0
