"""The command line: arguments and printing only."""

import argparse
import dataclasses
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from eca_viz.cli import mechanisms as cli_mechanisms
from eca_viz.cli.networks import add_commands, add_network_option, load, show_progress
from eca_viz.errors import EcaVizError, ImageError

if TYPE_CHECKING:
    from eca_viz.records.explanation import Explanation

SUCCESS, SKIPPED, USAGE = 0, 1, 2


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


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"got {number}; give 1 or more")
    return number


def _parameter(text: str) -> tuple[str, str, float | str]:
    """Method, name and value; what reads as a number is one."""
    place, equals, value = text.partition("=")
    method, dot, name = place.partition(".")
    if not (equals and dot and method and name and value):
        raise argparse.ArgumentTypeError(
            f"got {text!r}; give METHOD.NAME=VALUE, such as occlusion.window=48"
        )
    try:
        return method, name, float(value)
    except ValueError:
        return method, name, value


def _explain(options: argparse.Namespace) -> int:
    from eca_viz import pipeline
    from eca_viz.export import files as export

    network = load(options)
    for method in options.saliency:
        pipeline.find_method(method)
    if options.target is not None:
        network.class_index(options.target)
    changes = pipeline.as_changes(options.gate)
    parameters: dict[str, dict[str, float | str]] = {}
    for method, name, value in options.parameter:
        parameters.setdefault(method, {})[name] = value
    code = SUCCESS
    for path in options.photographs:
        try:
            before = pipeline.explain(path, network, ()) if changes else None
            explanation = pipeline.explain(
                path,
                network,
                options.saliency,
                options.target,
                gates=changes,
                parameters=parameters,
                scores=options.scorecard,
                progress=show_progress,
            )
        except ImageError as error:
            print(f"skipped {path}: {error}", file=sys.stderr)
            code = SKIPPED
            continue
        folder = export.write(explanation, options.out)
        print(f"{path}: {_in_words(explanation, before)} → {folder}")
    return code


def _in_words(explanation: "Explanation", before: "Explanation | None") -> str:
    """The best class; with what it was before the gates were changed."""
    best = explanation.predictions[0]
    said = f"{best.label} {best.probability:.4f}"
    if before is None:
        return said
    was = before.predictions[0]
    return f"{was.label} {was.probability:.4f}, with {' '.join(explanation.gates)} {said}"


def _train(options: argparse.Namespace) -> int:
    from eca_viz.networks.files.trusted import digest
    from eca_viz.pipeline import DEFAULT_NETWORK
    from eca_viz.training.recipe import Progress, Recipe
    from eca_viz.training.train import train

    recipe = Recipe()
    if options.epochs is not None:
        short = dataclasses.replace(recipe.cycles[0], epochs=options.epochs)
        recipe = dataclasses.replace(recipe, cycles=(short,))
    if options.batch_size is not None:
        recipe = dataclasses.replace(recipe, batch_size=options.batch_size)

    def report(done: Progress) -> None:
        print(
            f"epoch {done.epoch}/{done.epochs}  {done.size} px  loss {done.loss:.4f}  "
            f"{done.seconds:.0f} s  left {done.seconds_left / 60:.0f} min",
            flush=True,
        )

    path, accuracy = train(
        options.network or DEFAULT_NETWORK,
        options.data,
        options.out,
        recipe=recipe,
        seed=options.seed,
        report=report,
    )
    print(f"{path}  sha256 {digest(path)}  top-1 {accuracy:.4f}")
    return SUCCESS


def _evaluate(options: argparse.Namespace) -> int:
    from eca_viz.training.evaluate import check_classes, evaluate

    network = load(options)
    check_classes(network.spec.labels, network.spec.name)

    def report(done: int, total: int) -> None:
        print(f"\r{done}/{total}", end="", file=sys.stderr, flush=True)

    accuracy, images = evaluate(network.module, network.spec.preprocess, options.data, report)
    print(file=sys.stderr)
    print(f"top-1 {accuracy:.4f} on {images} images")
    return SUCCESS


def _reference(options: argparse.Namespace) -> int:
    from eca_viz.training.reference import write_references

    for path in write_references(options.data, options.out):
        print(path, flush=True)
    return SUCCESS


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
