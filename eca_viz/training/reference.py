"""Statistics of the shipped networks over Imagenette: mean gates, and what is familiar to them."""

import dataclasses
from collections.abc import Iterable, Iterator
from pathlib import Path

from torch import Tensor
from torch.utils.data import DataLoader, Subset

from eca_viz.gates import familiarity
from eca_viz.gates.features import last_features
from eca_viz.gates.forward import attend
from eca_viz.gates.reference import mean_gates, reference_file
from eca_viz.images.samples import SAMPLES
from eca_viz.networks.loading import load_network
from eca_viz.networks.preprocess import Preprocess
from eca_viz.networks.registry import NETWORKS
from eca_viz.networks.spec import Network
from eca_viz.paths import RANKS
from eca_viz.training.evaluate import BATCH, validation_batches, write_ranks
from eca_viz.training.files import write_gates
from eca_viz.training.imagenette import open_imagenette, seen_transform

# Of the training images for mean gates and as neighbours, and of the validation images; all are
# sorted by class.
EVERY = 9
EVERY_NEIGHBOUR = 3
EVERY_HELD_OUT = 4


def write_references(data: Path, folder: Path) -> Iterator[Path]:
    """Writes what is measured of the shipped networks, one file after the other.

    First the ranks of the true classes; then, of each network with attention, its references:
    mean gates over every EVERY-th training image of Imagenette, for familiarity every
    EVERY_NEIGHBOUR-th and, for its distribution, every EVERY_HELD_OUT-th validation image, seen as
    in an explanation. Raises DataError without data.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / RANKS.name
    write_ranks(data, path)
    yield path
    for spec in NETWORKS:
        network = load_network(spec.name)
        if network.layers:
            yield write_mean_gates(
                network,
                _training(data, spec.preprocess, EVERY),
                f"every {EVERY}th training image of Imagenette",
                folder,
            )
            yield write_familiarity(
                network,
                _training(data, spec.preprocess, EVERY_NEIGHBOUR),
                _images(validation_batches(data, spec.preprocess, EVERY_HELD_OUT)),
                "every third training image of Imagenette",
                folder,
            )


def _training(data: Path, preprocess: Preprocess, every: int) -> Iterator[Tensor]:
    dataset = open_imagenette(data, "train", seen_transform(preprocess))
    chosen = range(0, len(dataset), every)
    yield from _images(DataLoader(Subset(dataset, chosen), batch_size=BATCH))


def _images(batches: Iterable[tuple[Tensor, Tensor]]) -> Iterator[Tensor]:
    return (images for images, _ in batches)


def write_mean_gates(
    network: Network, training: Iterable[Tensor], source: str, folder: Path
) -> Path:
    """Measures a network's mean gates and writes them where they are looked for.

    Args:
        network: The network to measure.
        training: Batches of its training images, each (n, 3, H, W).
        source: These images in words.
        folder: Where the safetensors file goes.

    Returns:
        The file.
    """
    gates, images = mean_gates([attention for attention, _ in _seen(network, training)])
    path = folder / reference_file(network.record.name)
    write_gates(gates, path, network, source, images)
    return path


def write_familiarity(
    network: Network,
    training: Iterable[Tensor],
    held_out: Iterable[Tensor],
    source: str,
    folder: Path,
) -> Path:
    """Measures what is familiar to a network and writes it where it is looked for.

    Args:
        network: The network to measure.
        training: Batches of its training images, each (n, 3, H, W).
        held_out: Batches of other images of its classes.
        source: The training images in words.
        folder: Where the safetensors file goes.

    Returns:
        The file.
    """
    reference = familiarity.fit(_seen(network, training), _seen(network, held_out), source)
    inputs = [network.spec.preprocess.see(sample.read())[1] for sample in SAMPLES]
    samples = {
        sample.name: float(reference.share_below(reference.score(*one))[0])
        for sample, one in zip(SAMPLES, _seen(network, inputs), strict=True)
    }
    path = folder / familiarity.familiarity_file(network.record.name)
    sha256 = network.record.sha256
    familiarity.write(dataclasses.replace(reference, samples=samples), path, sha256)
    return path


def _seen(network: Network, batches: Iterable[Tensor]) -> list[familiarity.Seen]:
    private = network.private()
    with last_features(network, private) as features:
        attention = [attend(private, inputs)[1] for inputs in batches]
    return list(zip(attention, features, strict=True))
