"""What the gates of a network usually are: each channel's mean over a set of photographs."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from threading import Lock

import numpy as np
from cachetools import LRUCache, cached
from safetensors import safe_open
from safetensors.numpy import load_file
from torch import Tensor, nn

from eca_viz.gates.change import GateChange, as_changes
from eca_viz.gates.forward import attend, changed
from eca_viz.gates.kinds import find_kind
from eca_viz.images.samples import SAMPLES
from eca_viz.networks.spec import Network
from eca_viz.paths import ASSETS
from eca_viz.records import Explanation, Floats, ReferenceGates, as_floats

STATISTICS = ASSETS / "statistics"


@cached(LRUCache(16), key=lambda network: network.sha256, lock=Lock())
def reference_gates(network: Network) -> ReferenceGates:
    """Each channel's mean gate: shipped for the bundled networks, else over the samples.

    Those that are shipped come from training photographs of Imagenette.
    """
    shipped = STATISTICS / reference_file(network.spec.name)
    if shipped.exists():
        with safe_open(shipped, "np") as file:
            about = file.metadata()
        if about["network_sha256"] == network.sha256:
            return ReferenceGates(about["source"], int(about["photographs"]), load_file(shipped))
    inputs = (network.spec.preprocess.see(sample.read())[1] for sample in SAMPLES)
    gates, photographs = mean_gates(network, inputs)
    return ReferenceGates(f"the {photographs} sample photographs", photographs, gates)


def needed_gates(network: Network, changes: Sequence[GateChange]) -> Mapping[str, Floats] | None:
    """The network's usual gates, where one of the changes needs them."""
    if not any(find_kind(change.kind).needs_reference for change in changes):
        return None
    return reference_gates(network).gates


def as_explained(
    network: Network, explanation: Explanation, private: nn.Module
) -> AbstractContextManager[None]:
    """A private copy of a network with its gates changed as they were for an explanation."""
    changes = as_changes(explanation.gates)
    return changed(private, changes, needed_gates(network, changes))


def reference_file(network: str) -> Path:
    """Where a bundled network's reference gates lie below the folder of statistics."""
    return Path(f"gates_{network}.safetensors")


def mean_gates(network: Network, batches: Iterable[Tensor]) -> tuple[dict[str, Floats], int]:
    """Mean gate of every channel by layer over batches (N, 3, H, W), and how many there were."""
    sums: dict[str, np.ndarray] = {}
    photographs = 0
    for inputs in batches:
        photographs += len(inputs)
        for record in attend(network.module, inputs)[1]:
            total = record.weights.sum(0, dtype=np.float64)
            sums[record.layer] = sums.get(record.layer, 0.0) + total
    return {layer: as_floats(total / photographs) for layer, total in sums.items()}, photographs
