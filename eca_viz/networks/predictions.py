"""From a network's logits to predictions with names."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from eca_viz.errors import NetworkError
from eca_viz.networks.spec import Network
from eca_viz.records import Prediction

BEST = 5

Probabilities = NDArray[np.float64]


def probabilities_of(logits: Tensor, network: Network, image: str) -> Probabilities:
    """The probability of each class.

    Args:
        logits: What the network gave for one image, (1, classes).
        network: The network.
        image: Name of the image, for an error.

    Returns:
        The probabilities (classes,).

    Raises:
        NetworkError: For numbers that are not finite.
    """
    if not torch.isfinite(logits).all():
        raise NetworkError(
            f"{network.record.title} gives numbers that are not finite for {image}; its "
            "weights are damaged, give others"
        )
    probabilities: Probabilities = torch.softmax(logits[0].double(), dim=0).numpy()
    return probabilities


def predict(network: Network, probabilities: Probabilities, index: int) -> Prediction:
    """The prediction of one class by its index.

    Args:
        network: What knows the classes' names.
        probabilities: The probability of each class, (classes,).
        index: Index of the class.

    Returns:
        The prediction.
    """
    return Prediction(index, network.record.labels[index], float(probabilities[index]))


def best(network: Network, probabilities: Probabilities) -> tuple[Prediction, ...]:
    """The classes with the largest probabilities, BEST at most, the largest first."""
    ranking = np.argsort(-probabilities, kind="stable")[:BEST]
    return tuple(predict(network, probabilities, int(index)) for index in ranking)
