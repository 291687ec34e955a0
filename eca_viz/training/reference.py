"""Statistics of the shipped networks over Imagenette: mean gates, and what is familiar to them."""

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from torch import Tensor
from torch.utils.data import DataLoader, Subset

from eca_viz.gates import familiarity
from eca_viz.gates.forward import attend
from eca_viz.gates.reference import mean_gates, reference_file
from eca_viz.images.samples import SAMPLES
from eca_viz.networks.loading import load_network
from eca_viz.networks.preprocess import Preprocess
from eca_viz.networks.registry import NETWORKS
from eca_viz.networks.spec import Network
from eca_viz.records import LayerAttention
from eca_viz.training.evaluate import BATCH
from eca_viz.training.files import write_gates
from eca_viz.training.imagenette import open_imagenette, seen_transform

# Of the training images, and of the validation images, which are sorted by class.
EVERY = 9
EVERY_HELD_OUT = 4

Attention = Sequence[LayerAttention]


def write_references(data: Path, folder: Path) -> Iterator[Path]:
    """Writes the references of every shipped network with attention, one after the other.

    They are measured on every EVERY-th training image of Imagenette and, for the distribution
    of familiarity, every EVERY_HELD_OUT-th validation image, seen as in an explanation. Raises
    DataError without data.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for spec in NETWORKS:
        network = load_network(spec.name)
        if network.layers:
            training = _batches(data, "train", EVERY, spec.preprocess)
            held_out = _batches(data, "val", EVERY_HELD_OUT, spec.preprocess)
            source = f"every {EVERY}th training image of Imagenette"
            yield from write_reference(network, training, held_out, source, folder)


def _batches(data: Path, split: str, every: int, preprocess: Preprocess) -> Iterator[Tensor]:
    dataset = open_imagenette(data, split, seen_transform(preprocess))
    chosen = range(0, len(dataset), every)
    for images, _ in DataLoader(Subset(dataset, chosen), batch_size=BATCH):
        yield images


def write_reference(
    network: Network,
    training: Iterable[Tensor],
    held_out: Iterable[Tensor],
    source: str,
    folder: Path,
) -> Iterator[Path]:
    """Measures a network's mean gates and familiarity and writes them where they are looked for.

    Args:
        network: The network to measure.
        training: Batches of its training images, each (n, 3, H, W).
        held_out: Batches of other images of its classes.
        source: The training images in words.
        folder: Where the files go.

    Yields:
        Each safetensors file once it is written.
    """
    name, sha256 = network.record.name, network.record.sha256
    seen = _attention(network, training)
    gates, images = mean_gates(seen)
    path = folder / reference_file(name)
    write_gates(gates, path, network, source, images)
    yield path

    vectors = np.concatenate([familiarity.descriptors(batch) for batch in seen])
    reference = familiarity.fit(vectors, _attention(network, held_out), source)
    inputs = [network.spec.preprocess.see(sample.read())[1] for sample in SAMPLES]
    samples = {
        sample.name: float(reference.share_below(reference.score(attention))[0])
        for sample, attention in zip(SAMPLES, _attention(network, inputs), strict=True)
    }
    path = folder / familiarity.familiarity_file(name)
    familiarity.write(dataclasses.replace(reference, samples=samples), path, sha256)
    yield path


def _attention(network: Network, batches: Iterable[Tensor]) -> list[Attention]:
    private = network.private()
    return [attend(private, inputs)[1] for inputs in batches]
