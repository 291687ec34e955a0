"""The commands `train`, `evaluate` and `reference`."""

import argparse
import dataclasses
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from eca_viz.cli.options import (
    SKIPPED,
    SUCCESS,
    add_data_option,
    add_network_options,
    load,
    positive,
    say,
    warn,
)
from eca_viz.errors import DataError
from eca_viz.version import require

if TYPE_CHECKING:
    from eca_viz.cli.options import Commands
    from eca_viz.networks.spec import Network


def add_commands(commands: "Commands") -> None:
    """`train`, `evaluate` and `reference`."""
    train = commands.add_parser("train", help="train the bundled network again, from scratch")
    add_data_option(train)
    train.add_argument("--out", type=Path, default=Path("runs/train"), metavar="DIR")
    train.add_argument("--network", metavar="NAME", help="default: the bundled network")
    train.add_argument("--epochs", type=positive, metavar="N", help="one cycle of N epochs")
    train.add_argument("--batch-size", type=positive, metavar="N")
    train.add_argument("--seed", type=int, default=0)
    train.add_argument(
        "--device", choices=("cpu", "cuda"), help="default: a GPU that CUDA knows, else cpu"
    )
    train.set_defaults(run=_train)

    evaluate = commands.add_parser("evaluate", help="measure accuracy on validation images")
    add_data_option(evaluate)
    add_network_options(evaluate)
    evaluate.add_argument(
        "--familiarity",
        action="store_true",
        help="measure how well familiarity tells images of other classes, those in --others",
    )
    evaluate.add_argument(
        "--others", type=Path, metavar="DIR", help="a folder of images of other classes"
    )
    evaluate.set_defaults(run=_evaluate)

    reference = commands.add_parser(
        "reference",
        help="measure what is shipped of the bundled networks",
        description="Measures what is shipped of the bundled networks again: ranks of the true "
        "classes, mean gates, what is familiar.",
    )
    add_data_option(reference)
    reference.add_argument("--out", type=Path, default=Path("runs/reference"), metavar="DIR")
    reference.set_defaults(run=_reference)


def _train(options: argparse.Namespace) -> int:
    require("torchvision", "train")
    from eca_viz.networks.files.trusted import digest
    from eca_viz.networks.registry import DEFAULT_NETWORK
    from eca_viz.training.recipe import BUNDLED
    from eca_viz.training.train import find_device, train
    from eca_viz.training.trainer import EpochReport

    recipe = BUNDLED
    if options.epochs is not None:
        short = dataclasses.replace(recipe.cycles[0], epochs=options.epochs)
        recipe = dataclasses.replace(recipe, cycles=(short,), stop_after=options.epochs)
    if options.batch_size is not None:
        recipe = dataclasses.replace(recipe, batch_size=options.batch_size)

    def report(done: EpochReport) -> None:
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
        device=find_device(options.device),
    )
    say(f"{path}  sha256 {digest(path)}  top-1 {accuracy:.4f}")
    return SUCCESS


def _evaluate(options: argparse.Namespace) -> int:
    require("torchvision", "train")
    from eca_viz.training.evaluate import check_classes, evaluate

    network = load(options)
    check_classes(network.record.labels, network.record.name)

    def report(done: int, total: int) -> None:
        print(f"\r{done}/{total}", end="", file=sys.stderr, flush=True)

    if options.familiarity:
        return _evaluate_familiarity(network, options, report)
    accuracy, images = evaluate(network.module, network.spec.preprocess, options.data, report)
    print(file=sys.stderr)
    print(f"top-1 {accuracy:.4f} on {images} images")
    return SUCCESS


def _evaluate_familiarity(
    network: "Network", options: argparse.Namespace, report: Callable[[int, int], None]
) -> int:
    from eca_viz.training.familiarity import familiarity_rates

    if options.others is None:
        raise DataError("--familiarity needs --others DIR, a folder of images of other classes")
    rates = familiarity_rates(network, options.data, options.others, report)
    print(file=sys.stderr)
    for line in rates.skipped:
        warn(f"skipped {line}")
    print(
        f"AUROC {rates.auroc:.3f} on {rates.own} images of its classes and {rates.others} others\n"
        f"probably none of its classes: {rates.false_alarms:.3f} of its own (wrong), "
        f"{rates.told:.3f} of the others (right)\n"
        f"doubted at all: {rates.doubts:.3f} of its own, {rates.doubted:.3f} of the others"
    )
    return SKIPPED if rates.skipped else SUCCESS


def _reference(options: argparse.Namespace) -> int:
    require("torchvision", "train")
    from eca_viz.training.reference import write_references

    for path in write_references(options.data, options.out):
        say(str(path))
    return SUCCESS
