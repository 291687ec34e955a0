"""Prints how far results of a GPU are from the CPU's, for one image.

    python -m tests.networks.compare_devices [DEVICE]

DEVICE is cuda if not given. For each bundled network the largest difference of a gate, then, of the
default network, of each saliency map in shares of its largest value. Ends with 1 where a gate
differs by more than GATES or a map by more than MAPS.
"""

import argparse
import sys
import warnings
from collections.abc import Iterator

import numpy as np

import eca_viz
from eca_viz.errors import DeviceWarning, NetworkError
from eca_viz.images.samples import SAMPLES
from eca_viz.networks.device import find_device
from eca_viz.networks.registry import DEFAULT_NETWORK, NETWORKS

GATES = 1e-5
MAPS = 1e-3


def main(arguments: list[str] | None = None) -> int:
    """Prints a line for each; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("device", nargs="?", default="cuda")
    try:
        device = find_device(parser.parse_args(arguments).device)
    except NetworkError as error:
        parser.error(str(error))
    if device == "cpu":
        parser.error("got the CPU itself; give another device, as cuda")
    warnings.simplefilter("error", DeviceWarning)  # nothing may give way to the CPU
    failed = 0
    for what, difference, limit in differences(device):
        print(f"{what:32} {difference:.1e} (at most {limit:.0e})", flush=True)
        failed |= int(not difference <= limit)
    return failed


def differences(device: str) -> Iterator[tuple[str, float, float]]:
    """What is compared, how far it is off and how far it may be."""
    image = SAMPLES[0].read()
    for spec in NETWORKS:
        here, there = (eca_viz.explain(image, spec.name, device=one) for one in ("cpu", device))
        gates = [
            float(np.abs(ours.weights - theirs.weights).max())
            for ours, theirs in zip(here.attention, there.attention, strict=True)
        ]
        yield spec.name, max(gates, default=0.0), GATES
    for method in eca_viz.METHODS:
        few = {one.name: one.low for one in method.params if one.name == "n_samples"}
        ours, theirs = (
            eca_viz.explain(
                image, DEFAULT_NETWORK, method.name, parameters={method.name: few}, device=one
            )
            .saliency[0]
            .values
            for one in ("cpu", device)
        )
        yield method.name, float(np.abs(ours - theirs).max() / np.abs(ours).max()), MAPS


if __name__ == "__main__":
    sys.exit(main())
