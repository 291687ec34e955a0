"""Explains one image after the other with several networks, and prints what memory is taken.

    python -m tests.steady_memory [COUNT]

COUNT is 1,000 if not given. Ends with 1 where memory at the end is more than 3 % above that after
the first fifth.
"""

import argparse
import gc
import sys
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

import eca_viz
from eca_viz.networks.registry import DEFAULT_NETWORK
from tests.factories import make_pixels

LIMIT = 1.03
IMAGES = 7
# Each network in turn with each way to explain: numbers without a common divisor.
NETWORKS = (DEFAULT_NETWORK, "resnet_tiny_eca", "resnet_tiny_se", "resnet_tiny_eca_ns")
WAYS = (
    {"saliency": ()},
    {"saliency": "grad_cam"},
    {"saliency": "saliency"},
    {"saliency": "guided_grad_cam"},
    {"saliency": "grad_cam", "gates": "all:shuffle=1"},
)


def main() -> int:
    """Prints MiB after each tenth; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=1000)
    count = parser.parse_args().count
    early = last = 0.0
    runs = islice(explanations(), count)
    for tenth in range(1, 11):
        for _ in islice(runs, count * tenth // 10 - count * (tenth - 1) // 10):
            pass
        last = resident()
        print(f"{count * tenth // 10:6,} explanations: {last:.0f} MiB", flush=True)
        if tenth == 2:
            early = last
    print(f"{last / early:.3f} of what it was after the first fifth (at most {LIMIT})")
    return int(last > LIMIT * early)


def explanations() -> Iterator[eca_viz.Explanation]:
    """Without end: images, networks and ways in turn."""
    images = [make_pixels(seed) for seed in range(IMAGES)]
    for image, network, way in zip(cycle(images), cycle(NETWORKS), cycle(WAYS), strict=False):
        yield eca_viz.explain(image, network, **way)


def resident() -> float:
    """MiB that this process has in memory, as Linux counts them."""
    gc.collect()
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


if __name__ == "__main__":
    sys.exit(main())
