"""What is shipped of the bundled networks over Imagenette's validation images."""

from functools import cache
from pathlib import Path

import pyarrow.parquet as pq

from eca_viz.networks.registry import is_bundled
from eca_viz.paths import STATISTICS
from eca_viz.records.need import FolderAccuracy
from eca_viz.records.statistics import FolderStatistics
from eca_viz.statistics import accuracy_files, files

GATES = "folder"


@cache
def shipped_statistics(network: str, sha256: str) -> FolderStatistics | None:
    """Statistics of a bundled network's gates; None where none are shipped for these weights."""
    path = _file(network, GATES)
    found = None
    if is_bundled(network) and path.exists():
        found = files.from_table(pq.read_table(path), str(path))
    return found if found is not None and found.network.sha256 == sha256 else None


@cache
def shipped_accuracy(network: str, sha256: str, what: str) -> FolderAccuracy | None:
    """Accuracies of a bundled network with changed gates.

    Args:
        network: The network's name.
        sha256: Digest of its weights.
        what: NEED or PRUNING.

    Returns:
        The accuracies; None where none are shipped for these weights.
    """
    path = _file(network, what)
    found = None
    if is_bundled(network) and path.exists():
        found = accuracy_files.from_table(pq.read_table(path), str(path))
    return found if found is not None and found.network.sha256 == sha256 else None


def _file(network: str, what: str) -> Path:
    return STATISTICS / f"{what}_{network}.parquet"
