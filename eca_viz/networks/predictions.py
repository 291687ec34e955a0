"""From a network's logits to predictions with names, or to its score."""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from eca_viz.errors import NetworkError, SaliencyError
from eca_viz.locale.texts import text
from eca_viz.networks.spec import Network
from eca_viz.records import Explanation, Prediction, ScoreTarget

BEST = 5

Probabilities = NDArray[np.float64]


class Outcome(NamedTuple):
    """The probability of each class (classes,), the best of them, and the score, if any."""

    probabilities: Probabilities
    predictions: tuple[Prediction, ...]
    score: float | None


def outcome_of(logits: Tensor, network: Network, image: str) -> Outcome:
    """What a network says of one image.

    Args:
        logits: What it gave, (1, classes), (1, 1) of a score, or (1, 0).
        network: The network.
        image: Name of the image, for an error.

    Returns:
        The outcome.

    Raises:
        NetworkError: For numbers that are not finite.
    """
    if not torch.isfinite(logits).all():
        raise NetworkError(
            text(
                "{network} gives numbers that are not finite for {image}; its weights are damaged, "
                "give others",
                network=network.record.title,
                image=image,
            )
        )
    if network.record.output != "classes":
        score = float(logits[0, 0]) if network.record.output == "score" else None
        return Outcome(np.zeros(0), (), score)
    probabilities: Probabilities = torch.softmax(logits[0].double(), dim=0).numpy()
    ranking = np.argsort(-probabilities, kind="stable")[:BEST]
    best = tuple(_predict(network, probabilities, int(index)) for index in ranking)
    return Outcome(probabilities, best, None)


def target_of(
    network: Network, outcome: Outcome | Explanation, index: int | None
) -> Prediction | ScoreTarget:
    """What a saliency map explains.

    Args:
        network: What knows the classes' names.
        outcome: What it said of the image.
        index: Index of a class; the predicted one if None. A score has no index.

    Returns:
        A class or the score.

    Raises:
        SaliencyError: For a network that has neither.
    """
    if outcome.score is not None:
        return ScoreTarget(outcome.score)
    if not outcome.predictions:
        raise SaliencyError(no_saliency(network))
    if index is None:
        return outcome.predictions[0]
    return _predict(network, outcome.probabilities, index)


def no_saliency(network: Network) -> str:
    """Why a network can have no saliency map, as a sentence, a Text; empty where it can."""
    title = network.record.title
    if network.example:
        return text(
            "{network} takes tensors, and saliency maps are drawn over images; ask for none",
            network=title,
        )
    if network.record.output == "other":
        return text(
            "{network} gives no classes, so that saliency has nothing to explain; give it a "
            "`score`, a function from its output to one number for each image",
            network=title,
        )
    return ""


def needs_classes(network: Network) -> None:
    """Raises SaliencyError for a network whose maps cannot have a scorecard."""
    if network.record.output != "classes" or network.example:
        raise SaliencyError(
            text(
                "got a scorecard to compute, which needs maps of a class; {network} has none",
                network=network.record.title,
            )
        )


def _predict(network: Network, probabilities: Probabilities, index: int) -> Prediction:
    return Prediction(index, network.record.labels[index], float(probabilities[index]))
