"""The commands `mechanisms` and `ablate`."""

import argparse
import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eca_viz.cli.options import SUCCESS, add_data_option, add_json_option, positive, print_json
from eca_viz.paths import ABLATION, ASSETS
from eca_viz.version import require

if TYPE_CHECKING:
    from eca_viz.cli.options import Commands
    from eca_viz.records import Summary

CHANNELS = 256
SEEDS = 3


def add_commands(commands: "Commands") -> None:
    """`mechanisms` and `ablate`."""
    mechanisms = commands.add_parser(
        "mechanisms", help="from SE to ECA: parameters, the paper's accuracy and ours"
    )
    mechanisms.add_argument("--channels", type=positive, default=CHANNELS, metavar="C")
    add_json_option(mechanisms)
    mechanisms.set_defaults(run=_mechanisms)

    ablate = commands.add_parser(
        "ablate", help="train all mechanisms alike, or report what was measured"
    )
    add_data_option(ablate, required=False)
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


def _mechanisms(options: argparse.Namespace) -> int:
    from eca_viz.analysis.ablation import accuracy
    from eca_viz.records import Summary

    rows = _rows(options.channels)
    if options.json:
        print_json(rows)
        return SUCCESS
    print(
        f"Attention on C = {options.channels} channels; the paper: ResNet-50 on ImageNet; ours: a "
        "small ResNet on Imagenette's ten classes"
    )
    print(f"{'':<14}{'W':<10}{'parameters':>11}  {'paper top-1':>11}  ours top-1")
    for row in rows:
        paper = "–" if row["paper_top1"] is None else f"{row['paper_top1']:.2f}"
        print(
            f"{row['title']:<14}{row['matrix']:<10}{row['parameters']:>11,}  {paper:>11}  "
            f"{accuracy(Summary(**row['ours']) if row['ours'] else None)}"
        )
    return SUCCESS


def _rows(channels: int) -> list[dict[str, Any]]:
    from eca_viz.analysis.ablation import read_rows, summarise
    from eca_viz.attention.variants import VARIANTS, Sizes

    ours = {summary.mechanism: summary for summary in summarise(read_rows(ASSETS / ABLATION))}
    return [
        {
            "name": variant.name,
            "title": variant.title,
            "formula": variant.formula,
            "matrix": variant.matrix,
            "channels": channels,
            "parameters": variant.parameters(channels, Sizes()),
            "parameters_formula": variant.count,
            "paper_top1": variant.paper.top1 if variant.paper else None,
            "paper_top5": variant.paper.top5 if variant.paper else None,
            "ours": dataclasses.asdict(ours[variant.name]) if variant.name in ours else None,
        }
        for variant in VARIANTS
    ]


def _ablate(options: argparse.Namespace) -> int:
    if options.report:
        return _report(options)
    if options.data is None:
        options.parser.error("give --data DIR to train, or --report to see what was measured")
    require("torchvision", "train")
    from eca_viz.training.ablation import ablate

    for row in ablate(
        options.data,
        options.out,
        options.assets,
        seeds=options.seeds,
        jobs=options.jobs,
        report=lambda line: print(line, flush=True),
    ):
        print(
            f"{row.mechanism} seed {row.seed}: top-1 {row.top1:.4f}  top-5 {row.top5:.4f}  "
            f"{row.seconds:.0f} s  {_left(options)}",
            flush=True,
        )
    return _report(options)


def _left(options: argparse.Namespace) -> str:
    from eca_viz.analysis.ablation import read_rows
    from eca_viz.training.plan import left, plan

    remaining = left(read_rows(options.assets / ABLATION), options.seeds)
    total = len(plan(options.seeds))
    more = f", next {remaining[0].mechanism} seed {remaining[0].seed}" if remaining else ""
    return f"{len(remaining)} of {total} runs are left{more}"


def _report(options: argparse.Namespace) -> int:
    from eca_viz.analysis.ablation import REFERENCE, finding, read_rows, summarise

    summaries = summarise(read_rows(options.assets / ABLATION))
    print(
        f"{'':<10}{'runs':>5}{'top-1':>8}{'spread':>8}{'top-5':>8}{'parameters':>12}"
        f"{'in attention':>14}{'seconds':>9}   against {REFERENCE}, same seeds"
    )
    for one in summaries:
        print(
            f"{one.mechanism:<10}{one.runs:>5}{one.top1:>8.4f}{_number(one.spread, 8)}"
            f"{one.top5:>8.4f}{one.parameters:>12,}{one.attention_parameters:>14,}"
            f"{one.seconds:>9.0f}   {_against(one)}"
        )
    print(finding(summaries))
    print(_left(options))
    return SUCCESS


def _number(value: float | None, width: int) -> str:
    return f"{'–':>{width}}" if value is None else f"{value:>{width}.4f}"


def _against(summary: "Summary") -> str:
    if summary.difference is None:
        return "–"
    test = "too few for a test" if summary.p_value is None else f"p = {summary.p_value:.3f}"
    return f"{summary.difference:+.4f}, {test} ({summary.pairs} pairs)"
