"""The mean gates of the shipped networks over a reference set of training images."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from torch import Tensor
from torch.utils.data import DataLoader, Subset

from eca_viz.attention.discovery import find_attention
from eca_viz.gates.reference import mean_gates, reference_file
from eca_viz.networks.loading import load_network
from eca_viz.networks.preprocess import Preprocess
from eca_viz.networks.registry import NETWORKS
from eca_viz.networks.spec import Network
from eca_viz.training.evaluate import BATCH
from eca_viz.training.files import write_gates
from eca_viz.training.imagenette import open_imagenette, seen_transform

EVERY = 9


def write_references(data: Path, folder: Path) -> Iterator[Path]:
    """Writes the mean gates of every shipped network with attention, one after the other.

    The reference set is every EVERY-th training image of Imagenette, which are sorted by
    class, seen as in an explanation. Raises DataError without data.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for spec in NETWORKS:
        network = load_network(spec.name)
        if find_attention(network.module):
            source = f"every {EVERY}th training image of Imagenette"
            yield write_reference(network, _batches(data, spec.preprocess), source, folder)


def _batches(data: Path, preprocess: Preprocess) -> Iterator[Tensor]:
    dataset = open_imagenette(data, "train", seen_transform(preprocess))
    chosen = range(0, len(dataset), EVERY)
    for images, _ in DataLoader(Subset(dataset, chosen), batch_size=BATCH):
        yield images


def write_reference(network: Network, batches: Iterable[Tensor], source: str, folder: Path) -> Path:
    """Computes a network's mean gates and writes them where `reference_gates` looks.

    Args:
        network: The network to measure.
        batches: Its inputs, each (n, 3, H, W).
        source: The reference set in words.
        folder: Where the file goes.

    Returns:
        The safetensors file.
    """
    gates, images = mean_gates(network, batches)
    path = folder / reference_file(network.record.name)
    write_gates(gates, path, network, source, images)
    return path
