"""The command `explain`."""

import argparse
import sys

from eca_viz.cli.options import SKIPPED, SUCCESS, load, show_progress
from eca_viz.errors import ImageError
from eca_viz.gates.change import as_changes
from eca_viz.records import Explanation
from eca_viz.saliency.registry import find_method


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
        find_method(method)
    if options.target is not None:
        network.class_index(options.target)
    changes = as_changes(options.gate)
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
