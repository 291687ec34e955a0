"""The command line: arguments and printing only."""

import argparse
import dataclasses
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from eca_viz.cli import mechanisms as cli_mechanisms
from eca_viz.cli.explain import _explain, _parameter
from eca_viz.cli.networks import add_commands
from eca_viz.cli.options import SUCCESS, USAGE, _positive, add_network_option
from eca_viz.cli.training import _evaluate, _reference, _train
from eca_viz.errors import EcaVizError

if TYPE_CHECKING:
    pass


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
        return 130
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m eca_viz",
        description="Shows how channel attention works inside a real network.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    explain = commands.add_parser("explain", help="explain photographs and write the results")
    explain.add_argument("photographs", nargs="+", type=Path, metavar="PHOTO")
    add_network_option(explain)
    explain.add_argument(
        "--saliency",
        nargs="*",
        default=["integrated_gradients"],
        metavar="METHOD",
        help="default: integrated_gradients; a wrong name is answered with the valid ones",
    )
    explain.add_argument(
        "--parameter",
        action="append",
        default=[],
        type=_parameter,
        metavar="METHOD.NAME=VALUE",
        help="such as grad_cam.layer=layer4.1.eca; may be given several times",
    )
    explain.add_argument(
        "--scorecard", action="store_true", help="score the maps against the network; takes long"
    )
    explain.add_argument("--target", metavar="CLASS", help="label or index; default: predicted")
    explain.add_argument(
        "--gate",
        action="append",
        default=[],
        metavar="[WHERE:]CHANGE",
        help="change the gates first: ones, layer4:shuffle=3, layer4.1.eca:channel=17,0; may be "
        "given several times; a wrong name is answered with the valid ones",
    )
    explain.add_argument("--out", type=Path, required=True, metavar="DIR")
    explain.set_defaults(run=_explain)

    add_commands(commands)

    train = commands.add_parser("train", help="train the bundled network again, from scratch")
    train.add_argument("--data", type=Path, required=True, metavar="DIR")
    train.add_argument("--out", type=Path, default=Path("runs/train"), metavar="DIR")
    train.add_argument("--network", metavar="NAME", help="default: the bundled network")
    train.add_argument("--epochs", type=_positive, metavar="N", help="one cycle of N epochs")
    train.add_argument("--batch-size", type=_positive, metavar="N")
    train.add_argument("--seed", type=int, default=0)
    train.set_defaults(run=_train)

    evaluate = commands.add_parser("evaluate", help="measure accuracy on validation photographs")
    evaluate.add_argument("--data", type=Path, required=True, metavar="DIR")
    add_network_option(evaluate)
    evaluate.set_defaults(run=_evaluate)

    reference = commands.add_parser(
        "reference", help="measure the usual gates of the bundled networks again"
    )
    reference.add_argument("--data", type=Path, required=True, metavar="DIR")
    reference.add_argument("--out", type=Path, default=Path("runs/reference"), metavar="DIR")
    reference.set_defaults(run=_reference)

    bench = commands.add_parser("bench", help="measure speed and memory against baselines")
    bench.add_argument("--json", action="store_true")
    bench.set_defaults(run=_bench)

    cli_mechanisms.add_commands(commands)
    return parser


def _bench(options: argparse.Namespace) -> int:
    from eca_viz.benchmark.measure import measure

    results = []
    for result in measure():
        results.append({**dataclasses.asdict(result), "ratio": result.ratio})
        if not options.json:
            print(result, flush=True)
    if options.json:
        print(json.dumps(results, indent=2))
    return SUCCESS
