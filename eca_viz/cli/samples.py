"""`samples`: the explanations that are shipped for the sample images."""

import argparse
from typing import TYPE_CHECKING

from eca_viz.cli.options import SUCCESS

if TYPE_CHECKING:
    from eca_viz.cli.options import Commands


def add_commands(commands: "Commands") -> None:
    """`samples`."""
    parser = commands.add_parser(
        "samples",
        help="explain the sample images again, for the app's first page",
        description="Explains each sample image with the default network and writes the results "
        "into assets/explanations, from where the app's first page draws them without PyTorch, and "
        "what the lesson's first steps show into assets/lessons. Needed when a network, a sample "
        "or what a result holds has changed.",
    )
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from eca_viz.analysis.lesson import extremes, first_layer
    from eca_viz.export.stored import FOLDER, LESSONS, store, store_lesson
    from eca_viz.images.samples import SAMPLES
    from eca_viz.inspection import lesson_start
    from eca_viz.networks.bundled.ablation import trained_variants
    from eca_viz.networks.loading import load_network
    from eca_viz.networks.registry import DEFAULT_NETWORK
    from eca_viz.pipeline import explain, first_look

    network, se_network = load_network(DEFAULT_NETWORK), load_network(trained_variants()["se"])
    FOLDER.mkdir(exist_ok=True)
    LESSONS.mkdir(exist_ok=True)
    for sample in SAMPLES:
        explanation, features = first_look(sample.read(), network)
        path, lesson = (folder / f"{sample.name}.safetensors" for folder in (FOLDER, LESSONS))
        store(explanation, path)
        record = first_layer(explanation.attention)
        by_se = explain(explanation.image, se_network, saliency=())
        start = lesson_start(features[record.layer], extremes(record), se_network, by_se)
        store_lesson(start, explanation, lesson)
        for one in (path, lesson):
            print(f"{one}  {one.stat().st_size / 1000:.0f} kB")
    return SUCCESS
