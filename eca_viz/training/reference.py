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
from eca_viz.paths import RANKS
from eca_viz.records import LayerAttention
from eca_viz.training.evaluate import BATCH, validation_batches, write_ranks
from eca_viz.training.files import write_gates
from eca_viz.training.imagenette import open_imagenette, seen_transform

# Of the training images, and of the validation images, which are sorted by class.
EVERY = 9
EVERY_HELD_OUT = 4

Attention = Sequence[LayerAttention]


def write_references(data: Path, folder: Path) -> Iterator[Path]:
    """Writes what is measured of the shipped networks, one file after the other.

    First the ranks of the true classes; then, of each network with attention, its references:
    on every EVERY-th training image of Imagenette and, for the distribution of familiarity, on
    every EVERY_HELD_OUT-th validation image, seen as in an explanation. Raises DataError
    without data.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / RANKS.name
    write_ranks(data, path)
    yield path
    for spec in NETWORKS:
        network = load_network(spec.name)
        if network.layers:
            training = _training(data, spec.preprocess)
            held_out = _images(validation_batches(data, spec.preprocess, EVERY_HELD_OUT))
            source = f"every {EVERY}th training image of Imagenette"
            yield from write_reference(network, training, held_out, source, folder)


def _training(data: Path, preprocess: Preprocess) -> Iterator[Tensor]:
    dataset = open_imagenette(data, "train", seen_transform(preprocess))
    chosen = range(0, len(dataset), EVERY)
    yield from _images(DataLoader(Subset(dataset, chosen), batch_size=BATCH))


def _images(batches: Iterable[tuple[Tensor, Tensor]]) -> Iterator[Tensor]:
    return (images for images, _ in batches)


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
