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
        "into assets/explanations, from where the app's first page draws them without PyTorch. "
        "Needed when the network, a sample or what a result holds has changed.",
    )
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from eca_viz.export.stored import FOLDER, METHOD, store
    from eca_viz.images.samples import SAMPLES
    from eca_viz.networks.loading import load_network
    from eca_viz.networks.registry import DEFAULT_NETWORK
    from eca_viz.pipeline import explain

    network = load_network(DEFAULT_NETWORK)
    FOLDER.mkdir(exist_ok=True)
    for sample in SAMPLES:
        path = FOLDER / f"{sample.name}.safetensors"
        store(explain(sample.read(), network, saliency=METHOD), path)
        print(f"{path}  {path.stat().st_size / 1000:.0f} kB")
    return SUCCESS
