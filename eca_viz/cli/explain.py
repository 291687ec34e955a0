"""The command `explain`."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from eca_viz.cli.options import (
    SKIPPED,
    SUCCESS,
    add_device_option,
    add_network_options,
    load,
    say,
    show_progress,
    warn,
)
from eca_viz.errors import ImageError

if TYPE_CHECKING:
    from eca_viz.cli.options import Commands
    from eca_viz.records import Explanation

OUT = (
    "a folder an image; reports of several images share a plotly.min.js in DIR, that of one image "
    "holds it"
)


def add_commands(commands: "Commands") -> None:
    """`explain`."""
    explain = commands.add_parser("explain", help="explain images and write the results")
    explain.add_argument(
        "images",
        nargs="+",
        type=Path,
        metavar="IMAGE",
        help="for a network of your own that takes tensors, .npy files, for several inputs as many "
        "in turn",
    )
    add_network_options(explain)
    add_device_option(explain)
    explain.add_argument(
        "--saliency",
        nargs="*",
        metavar="METHOD",
        help="default: integrated_gradients, where the network has classes; the error for an "
        "unknown name lists the valid ones",
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
        "--scorecard",
        action="store_true",
        help="score the maps against the network, under the same gates; takes long",
    )
    explain.add_argument("--target", metavar="CLASS", help="label or index; default: predicted")
    explain.add_argument(
        "--gate",
        action="append",
        default=[],
        metavar="[WHERE:]CHANGE",
        help="change the gates first: ones, layer4:shuffle=3, layer4.1.eca:channel=17,0; may be "
        "given several times; the error for an unknown name lists the valid ones",
    )
    explain.add_argument("--out", type=Path, required=True, metavar="DIR", help=OUT)
    explain.set_defaults(run=_explain)


def _parameter(text: str) -> tuple[str, str, float | str]:
    """Method, name and value of a parameter; the value is a float where it reads as one."""
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
    from eca_viz.export import files
    from eca_viz.gates.change import as_changes
    from eca_viz.saliency.registry import find_method

    network = load(options)
    for method in options.saliency or ():
        find_method(method)
    if options.target is not None:
        network.class_index(options.target)
    changes = as_changes(options.gate)
    parameters: dict[str, dict[str, float | str]] = {}
    for method, name, value in options.parameter:
        parameters.setdefault(method, {})[name] = value
    code = SUCCESS
    noted: list[str] = []
    for paths in _sources(options.images, max(1, len(network.example))):
        path = ", ".join(map(str, paths))
        source = paths[0] if len(paths) == 1 else paths
        try:
            before = pipeline.explain(source, network, ()) if changes else None
            explanation = pipeline.explain(
                source,
                network,
                options.saliency,
                options.target,
                gates=changes,
                parameters=parameters,
                scores=options.scorecard,
                progress=show_progress,
            )
        except ImageError as error:
            warn(f"skipped {path}: {error}")
            code = SKIPPED
            continue
        folder = files.write(explanation, options.out, shared=len(options.images) > 1)
        say(f"{path}: {_in_words(explanation, before)} → {folder}")
        for sentence in explanation.unread:
            if sentence not in noted:
                noted.append(sentence)
                warn(f"note: {sentence}")
    return code


def _sources(paths: Sequence[Path], count: int) -> list[tuple[Path, ...]]:
    """The files of each explanation, for a network of `count` inputs."""
    return [tuple(paths[first : first + count]) for first in range(0, len(paths), count)]


def _in_words(explanation: "Explanation", before: "Explanation | None") -> str:
    """The predicted class and its probability; the prediction with unchanged gates first."""
    text = _best(explanation)
    if before is None:
        return text
    return f"{_best(before)}, with {' '.join(explanation.gates)} {text}"


def _best(explanation: "Explanation") -> str:
    """The prediction, after what the image's familiarity says against it."""
    from eca_viz.analysis.familiarity import headline

    known = explanation.familiarity
    share = "" if known is None else f", familiarity {known:.0%}"
    text = headline(explanation).removeprefix("Prediction: ")
    if not explanation.predictions:
        return text
    return f"{text} {explanation.predictions[0].probability:.4f}{share}"
