"""The usual gates of the networks that are shipped, over training photographs."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import torch
from PIL import Image
from safetensors.numpy import save_file
from torch import Tensor
from torch.utils.data import DataLoader, Subset

from eca_viz.attention.discovery import find_attention
from eca_viz.gates.reference import mean_gates, reference_file
from eca_viz.networks.loading import load_network
from eca_viz.networks.preprocess import Preprocess
from eca_viz.networks.registry import NETWORKS
from eca_viz.networks.spec import Network
from eca_viz.training.evaluate import BATCH
from eca_viz.training.imagenette import open_imagenette

EVERY = 9


def write_references(data: Path, folder: Path) -> Iterator[Path]:
    """Writes the reference gates of every shipped network with attention, one after the other.

    The reference set is every EVERY-th training photograph of Imagenette, which are sorted by
    class, seen as in an explanation. Raises DataError without data.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for spec in NETWORKS:
        network = load_network(spec.name)
        if _has_attention(network):
            source = f"every {EVERY}th training photograph of Imagenette"
            yield write_reference(network, _batches(data, spec.preprocess), source, folder)


def _has_attention(network: Network) -> bool:
    return bool(find_attention(network.module))


def _batches(data: Path, preprocess: Preprocess) -> Iterator[Tensor]:
    def transform(photograph: Image.Image) -> Tensor:
        return preprocess.normalise(preprocess.picture(photograph.convert("RGB")))[0]

    dataset = open_imagenette(data, "train", transform)
    chosen = range(0, len(dataset), EVERY)
    for images, _ in DataLoader(Subset(dataset, chosen), batch_size=BATCH):
        yield images


def write_reference(network: Network, batches: Iterable[Tensor], source: str, folder: Path) -> Path:
    """Computes a network's reference gates and writes them where `reference_gates` looks."""
    gates, photographs = mean_gates(network, batches)
    about = {
        "network_sha256": network.record.sha256,
        "source": source,
        "photographs": str(photographs),
        "torch": torch.__version__,
    }
    path = folder / reference_file(network.record.name)
    save_file(gates, path, metadata=about)
    return path
