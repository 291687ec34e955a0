"""What is kept of many images: an explanation of each without its full size, statistics."""

import dataclasses
from collections.abc import Sequence

import streamlit as st

from eca_viz.records import Explanation, FolderStatistics
from eca_viz.ui import cache, engine
from eca_viz.ui.state import NetworkChoice, VisitImage

# Without full-size pixels an explanation takes about 110 kB.
GLANCES = 512
VISITS = 8
# Files of statistics, and how many rows one that is uploaded may have.
FILES = 4
MOST_ROWS = 1_000_000


@cache.kept(GLANCES, lambda image, network: (image.key, image.title, network.key))
def glance(image: VisitImage, network: NetworkChoice) -> Explanation:
    """The explanation of an image of a visit without maps and without its full size.

    Many of them are kept: what the network sees takes the place of the image's pixels.

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


@st.cache_resource(max_entries=FILES, show_spinner=False)
def statistics_of_file(sha256: str, _data: bytes) -> FolderStatistics:
    """Statistics in an uploaded file.

    Args:
        sha256: of its bytes.
        _data: its bytes.

    Raises:
        DataError: where it holds none.
    """
    from eca_viz.statistics.files import read_statistics

    return read_statistics(_data, MOST_ROWS)


@cache.kept(
    VISITS,
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
