"""Mean gates of a network over a reference set of images."""

from collections.abc import Hashable, Iterable, Sequence
from pathlib import Path
from threading import Lock

import numpy as np
from cachetools import LRUCache, cached

from eca_viz.errors import GateError
from eca_viz.gates.change import Changes, Intervention, as_changes
from eca_viz.gates.forward import attend
from eca_viz.gates.kinds import find_kind
from eca_viz.images.samples import SAMPLES
from eca_viz.locale.texts import text
from eca_viz.networks.device import with_fallback
from eca_viz.networks.passes import report
from eca_viz.networks.registry import is_bundled
from eca_viz.networks.spec import Network
from eca_viz.paths import STATISTICS
from eca_viz.progress import Progress, silent
from eca_viz.records import Floats, LayerAttention, ReferenceGates, as_floats
from eca_viz.storage.shipped_arrays import read_arrays

# What shipped files say of their images, as messages.
_SOURCES: dict[str, str] = {
    source: source for source in (text("every 9th training image of Imagenette"),)
}


def _key(network: Network, progress: Progress = silent) -> Hashable:
    return network.record.name, network.record.sha256


@cached(LRUCache(16), key=_key, lock=Lock())
def reference_gates(network: Network, progress: Progress = silent) -> ReferenceGates:
    """Mean gate of each channel: shipped for the bundled networks, else over the samples.

    Those that are shipped are means over training images of Imagenette.

    Args:
        network: The network; over the samples it runs eight times.
        progress: As in `explain`.

    Returns:
        The mean gates.

    Raises:
        GateError: For a network that takes no images, and where what is shipped is damaged.

    >>> eca_viz.reference_gates(network).gates["layer4.1.eca"].shape
    (512,)
    """
    shipped = STATISTICS / reference_file(network.record.name)
    if is_bundled(network.record.name) and shipped.exists():
        gates, about = read_arrays(shipped, GateError)
        if about["network_sha256"] == network.record.sha256:
            return ReferenceGates(
                _SOURCES.get(about["source"], about["source"]), int(about["photographs"]), gates
            )
    if network.example:
        raise GateError(
            text(
                "{network} takes tensors, for which there are no mean gates; give those of your "
                "own as `reference` of eca_viz.intervene",
                network=network.record.title,
            )
        )

    def over_samples(network: Network) -> dict[str, Floats]:
        private = network.private_on_device()
        report(private.module, progress, text("Mean gates"), len(SAMPLES))
        inputs = (network.spec.preprocess.see(sample.read())[1] for sample in SAMPLES)
        return mean_gates(attend(private, one)[1] for one in inputs)[0]

    source = text("the {n} sample images", n=len(SAMPLES))
    return ReferenceGates(source, len(SAMPLES), with_fallback(network, over_samples))


def resolve(network: Network, changes: Changes, progress: Progress = silent) -> Intervention:
    """Changes with the network's mean gates, where one of the changes needs them.

    Args:
        network: The network.
        changes: As for `explain`.
        progress: As in `explain`.

    Returns:
        The changes.

    Raises:
        GateError: For a change that is unknown or out of range.
    """
    wanted = as_changes(changes)
    needed = any(find_kind(change.kind).needs_reference for change in wanted)
    return Intervention(wanted, reference_gates(network, progress).gates if needed else None)


def reference_file(network: str) -> Path:
    """Where a bundled network's mean gates lie below the folder of statistics."""
    return Path(f"gates_{network}.safetensors")


def mean_gates(batches: Iterable[Sequence[LayerAttention]]) -> tuple[dict[str, Floats], int]:
    """Mean gates (C,) by layer over the attention of batches, and the number of images."""
    sums: dict[str, np.ndarray] = {}
    images = 0
    for attention in batches:
        images += len(attention[0].weights) if attention else 0
        for record in attention:
            total = record.weights.sum(0, dtype=np.float64)
            sums[record.layer] = sums.get(record.layer, 0.0) + total
    return {layer: as_floats(total / images) for layer, total in sums.items()}, images
