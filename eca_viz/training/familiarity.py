"""How well familiarity tells images of a network's classes from other images."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from torch import Tensor
from torch.utils.data import DataLoader, Subset

from eca_viz.analysis.familiarity import DOUBTED, NONE_OF_ITS_CLASSES
from eca_viz.errors import DataError, ImageError
from eca_viz.gates.familiarity import FamiliarityReference, shipped
from eca_viz.gates.features import last_features
from eca_viz.gates.forward import attend
from eca_viz.images.reading import read_image
from eca_viz.networks.spec import Network
from eca_viz.records import Floats
from eca_viz.training.evaluate import BATCH
from eca_viz.training.imagenette import open_imagenette, seen_transform
from eca_viz.training.reference import EVERY_HELD_OUT

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class FamiliarityRates:
    """Familiarity over images of the network's classes (`own`) and over `others`.

    Attributes:
        own: Number of images of its classes, which the reference does not hold.
        others: Number of other images.
        auroc: Probability that an image of its classes is more familiar than another image.
        false_alarms: Share of `own` that is called probably none of its classes.
        told: Share of `others` that is.
        doubts: Share of `own` whose prediction is doubted at all.
        doubted: Share of `others` whose prediction is.
        skipped: Files among the others that are no image, each with the reason.
    """

    own: int
    others: int
    auroc: float
    false_alarms: float
    told: float
    doubts: float
    doubted: float
    skipped: tuple[str, ...]


def familiarity_rates(
    network: Network, data: Path, others: Path, progress: Progress
) -> FamiliarityRates:
    """Measures familiarity on Imagenette's validation images and on a folder of other images.

    Args:
        network: A network with a reference of familiarity.
        data: The folder that holds imagenette2-160.
        others: A folder, with all below it, of images of none of the network's classes.
        progress: Called with the number of images done and their total.

    Returns:
        The rates of error.

    Raises:
        DataError: The network has no reference, the data are missing or no other image is there.
    """
    reference = shipped(network.record.name, network.record.sha256)
    if reference is None:
        raise DataError(
            f"familiarity to {network.record.title} is not known, since no reference is shipped "
            "for it; give a bundled network with attention"
        )
    files = sorted(path for path in others.rglob("*") if path.is_file())
    skipped: list[str] = []
    dataset = open_imagenette(data, "val", seen_transform(network.spec.preprocess))
    held = [index for index in range(len(dataset)) if index % EVERY_HELD_OUT]
    total = len(held) + len(files)

    def own() -> Iterator[Tensor]:
        for images, _ in DataLoader(Subset(dataset, held), batch_size=BATCH):
            yield images

    def other() -> Iterator[Tensor]:
        for number, path in enumerate(files):
            try:
                yield network.spec.preprocess.see(read_image(path))[1]
            except ImageError as error:
                skipped.append(f"{path}: {error}")
            progress(len(held) + number + 1, total)

    scores = _scores(network, reference, own(), lambda done: progress(done, total))
    other_scores = _scores(network, reference, other(), lambda done: None)
    if not len(other_scores):
        raise DataError(f"found no image in {others}; give a folder of images of other classes")
    truth = np.repeat([True, False], [len(scores), len(other_scores)])
    familiar, strange = reference.share_below(scores), reference.share_below(other_scores)
    return FamiliarityRates(
        own=len(scores),
        others=len(other_scores),
        auroc=float(roc_auc_score(truth, np.concatenate([scores, other_scores]))),
        false_alarms=_below(familiar, NONE_OF_ITS_CLASSES),
        told=_below(strange, NONE_OF_ITS_CLASSES),
        doubts=_below(familiar, DOUBTED),
        doubted=_below(strange, DOUBTED),
        skipped=tuple(skipped),
    )


def _below(familiarity: Floats, share: float) -> float:
    return float(np.mean(familiarity < share))


def _scores(
    network: Network,
    reference: FamiliarityReference,
    batches: Iterator[Tensor],
    report: Callable[[int], None],
) -> NDArray[np.float32]:
    private = network.private()
    found = [np.empty(0, np.float32)]
    with last_features(network, private) as features:
        for inputs in batches:
            attention = attend(private, inputs)[1]
            found.append(reference.score(attention, features[-1]))
            report(sum(map(len, found)))
    return np.concatenate(found)
