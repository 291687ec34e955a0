"""What is kept of many images: an explanation of each without its full size, statistics."""

import dataclasses
from collections.abc import Sequence

from eca_viz.records import Explanation, FolderStatistics
from eca_viz.ui import cache, engine, turns
from eca_viz.ui.kept import kept
from eca_viz.ui.state import NetworkChoice, VisitImage

# How many rows an uploaded file of statistics may have.
MOST_ROWS = 1_000_000


@kept(lambda image, network: (image.key, image.title, network.key))
def glance(image: VisitImage, network: NetworkChoice) -> Explanation:
    """The explanation of an image of a visit without maps and without its full size.

    What the network sees takes the place of the image's pixels: about 110 kB, so that many can be
    kept.

    Args:
        image: the image.
        network: the network.

    Raises:
        EcaVizError: as pipeline.explain() does.
    """
    opened = image.open()
    if opened.sample:
        found = cache.explanation(opened, network)
    else:
        engine.ready()
        from eca_viz import pipeline

        found = pipeline.explain(opened, network.open(), saliency=())
    return dataclasses.replace(found, image=dataclasses.replace(opened, pixels=found.seen))


@kept(lambda sha256, data: sha256)
def statistics_of_file(sha256: str, data: bytes) -> FolderStatistics:
    """Statistics in an uploaded file.

    Args:
        sha256: of its bytes.
        data: its bytes.

    Raises:
        DataError: where it holds none.
    """
    from eca_viz.statistics.files import read_statistics

    with turns.long():
        return read_statistics(data, MOST_ROWS, engine.pulse)


@kept(
    lambda explanations, network: (
        network.key,
        *((one.image.sha256, one.image.name) for one in explanations),
    ),
)
def visit_statistics(
    explanations: Sequence[Explanation], network: NetworkChoice
) -> FolderStatistics:
    """Statistics over the images of a visit, by the predicted class."""
    from eca_viz.statistics.explained import explained_statistics

    return explained_statistics(explanations)
