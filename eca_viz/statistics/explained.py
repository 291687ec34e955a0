"""Statistics over images that were explained already."""

from collections.abc import Sequence

import numpy as np

from eca_viz.errors import DataError
from eca_viz.locale.texts import text
from eca_viz.records import Explanation, FolderStatistics
from eca_viz.statistics.accumulate import NO_CLASS, Part


def explained_statistics(explanations: Sequence[Explanation]) -> FolderStatistics:
    """Statistics over the images of explanations by one network, grouped by the predicted class.

    Those of a network without classes are not grouped.

    Raises DataError where there is none, or where they are not all of one network.
    """
    if len({one.network.sha256 for one in explanations}) != 1:
        raise DataError(
            text("got no explanations of one network; give those of at least one image")
        )
    part = Part.zero()
    for number, one in enumerate(explanations):
        name_of_class = one.predictions[0].label if one.predictions else NO_CLASS
        part = part.add(one.attention, [name_of_class], np.array([number]))

    def name(number: int) -> tuple[str, str]:
        image = explanations[number].image
        return image.name, image.sha256

    first = explanations[0]
    return FolderStatistics(
        network=first.network,
        folder=text("this visit"),
        grouped_by="prediction",
        layers=part.result(first.attention, name),
        images=len(explanations),
        skipped=0,
        labelled=0,
        accuracy=None,
        versions=first.versions,
    )
