"""Which statistics a page shows: shipped ones, a person's file, or the images of this visit."""

import hashlib
import os
from pathlib import Path

import streamlit as st

from eca_viz.errors import EcaVizError
from eca_viz.paths import STATISTICS_VARIABLE
from eca_viz.records import Explanation, FolderStatistics
from eca_viz.statistics.files import read_statistics
from eca_viz.statistics.shipped import shipped_statistics
from eca_viz.ui import many_images, state
from eca_viz.ui.components import address, widgets

SHIPPED, FILE, VISIT = "Imagenette, validation", "Your file", "Images of this visit"


def pick() -> FolderStatistics:
    """Draws the pickers; ends the page's run with a sentence where there are no statistics."""
    network = state.choice().network
    try:
        shipped = shipped_statistics(network.name, network.sha256)
        given = _given()
    except EcaVizError as error:
        st.error(widgets.plain(str(error)))
        st.stop()
    if given is not None and state.STATISTICS_READ not in st.session_state:
        st.session_state[state.STATISTICS_READ] = given
    options = [SHIPPED, FILE, VISIT] if shipped is not None else [FILE, VISIT]
    if given is not None or shipped is None:
        options.remove(FILE)
        options.insert(0 if given is not None else len(options), FILE)
    address.check(state.STATISTICS, "source of statistics", (SHIPPED, FILE, VISIT))
    if st.session_state.get(state.STATISTICS) not in options:
        st.session_state.pop(state.STATISTICS, None)
    source = st.radio(
        "Statistics of",
        options,
        horizontal=True,
        key=state.STATISTICS,
        bind="query-params",
    )
    found = shipped
    if source == FILE:
        found = _file()
    elif source == VISIT:
        found = of_visit()
    if found is None:
        st.stop()
    describe(found)
    return found


def describe(found: FolderStatistics) -> None:
    """Says of which network and over which images statistics are."""
    accuracy = "" if found.accuracy is None else f", top-1 {found.accuracy:.2%}"
    classes = f" in {len(found.classes)} classes by {found.grouped_by}" if found.classes else ""
    skipped = f", {found.skipped:,} skipped" if found.skipped else ""
    st.caption(
        widgets.plain(
            f"{found.network.title} over {found.images:,} images of {found.folder}{classes}"
            f"{accuracy}{skipped}."
        )
    )


def of_network() -> FolderStatistics | None:
    """The first statistics of the network at hand: uploaded, given at the start, shipped.

    Where a file cannot be used, it says why.
    """
    network = state.choice().network
    try:
        known = (
            st.session_state.get(state.STATISTICS_READ),
            _given(),
            shipped_statistics(network.name, network.sha256),
        )
    except EcaVizError as error:
        st.error(widgets.plain(str(error)))
        return None
    return next((one for one in known if one and one.network.sha256 == network.sha256), None)


def explained() -> list[tuple[state.VisitImage, Explanation]]:
    """All images of this visit with their explanations; those that fail are said and left out."""
    network, images = state.choice().network, state.images()
    place, bar = st.container(), st.empty()
    found = []
    for number, one in enumerate(images):
        bar.progress(number / len(images), text=f"{number} of {len(images)} images")
        try:
            found.append((one, widgets.with_attention(many_images.glance(one, network))))
        except EcaVizError as error:
            place.error(f"{one.title}: {widgets.plain(str(error))}")
    bar.empty()
    if not found:
        st.stop()
    return found


def of_visit() -> FolderStatistics:
    """Statistics over the images of this visit."""
    explanations = [one for _, one in explained()]
    return many_images.visit_statistics(explanations, state.choice().network)


def _given() -> FolderStatistics | None:
    """Statistics in the file that the app was started with."""
    path = os.environ.get(STATISTICS_VARIABLE)
    if not path:
        return None
    return _read_path(path, Path(path).stat().st_mtime_ns if Path(path).exists() else 0)


@st.cache_resource(max_entries=1, show_spinner="Reading statistics …")
def _read_path(path: str, changed: int) -> FolderStatistics:
    return read_statistics(path)


def _file() -> FolderStatistics | None:
    """The uploaded statistics; they stay for the visit when another page is opened."""
    file = st.file_uploader(
        "A file of statistics",
        type=["parquet"],
        key=state.STATISTICS_FILE,
        help="What `python -m eca_viz statistics DIR --out FILE` wrote. It stays on the machine "
        "that runs this app.",
    )
    if file is not None:
        data = file.getvalue()
        try:
            sha256 = hashlib.sha256(data).hexdigest()
            read = many_images.statistics_of_file(sha256, data)
        except EcaVizError as error:
            st.error(widgets.plain(f"{file.name}: {error}"))
        else:
            st.session_state[state.STATISTICS_READ] = read
    found: FolderStatistics | None = st.session_state.get(state.STATISTICS_READ)
    if found is None:
        st.info("Give a file, or choose another source above.")
    return found
