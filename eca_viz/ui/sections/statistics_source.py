"""Which statistics a page shows: shipped ones, a person's file, or the images of this visit."""

import hashlib
import os
from pathlib import Path

import streamlit as st

from eca_viz.errors import EcaVizError
from eca_viz.locale.texts import listed, text, tr
from eca_viz.paths import STATISTICS_VARIABLE
from eca_viz.records import Explanation, FolderStatistics
from eca_viz.statistics.files import read_statistics
from eca_viz.statistics.shipped import shipped_statistics
from eca_viz.ui import many_images, state
from eca_viz.ui.components import address, widgets
from eca_viz.ui.uploads import uploaded

SHIPPED = text("Imagenette, validation")
FILE = text("Your file")
VISIT = text("Images of this visit")
# By FolderStatistics.grouped_by.
GROUPED_BY = {
    # Translators: by what images were put into classes: "in 10 classes by label".
    "label": text("label"),
    "prediction": text("prediction"),
}


def pick() -> FolderStatistics:
    """Draws the pickers; ends the page's run with a sentence where there are no statistics."""
    network = state.choice().network
    try:
        shipped = shipped_statistics(network.name, network.sha256)
        given = _given()
    except EcaVizError as error:
        st.error(widgets.plain(tr(error)))
        st.stop()
    if given is not None and state.STATISTICS_READ not in st.session_state:
        st.session_state[state.STATISTICS_READ] = given
    options = [SHIPPED, FILE, VISIT] if shipped is not None else [FILE, VISIT]
    if given is not None or shipped is None:
        options.remove(FILE)
        options.insert(0 if given is not None else len(options), FILE)
    address.check(state.STATISTICS, text("source of statistics"), (SHIPPED, FILE, VISIT))
    if st.session_state.get(state.STATISTICS) not in options:
        st.session_state.pop(state.STATISTICS, None)
    source = st.radio(
        tr("Statistics of"),
        options,
        format_func=tr,
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
    over = {
        "network": tr(found.network.title),
        "images": found.images,
        "folder": tr(found.folder),
    }
    said = [
        tr(
            "{network} over {images:,} images of {folder} in {classes} classes by {grouped_by}",
            classes=len(found.classes),
            grouped_by=tr(GROUPED_BY.get(found.grouped_by, found.grouped_by)),
            **over,
        )
        if found.classes
        else tr("{network} over {images:,} images of {folder}", **over)
    ]
    if found.accuracy is not None:
        said.append(tr("top-1 {accuracy:.2%}", accuracy=found.accuracy))
    if found.skipped:
        said.append(tr("{images:,} skipped", images=found.skipped))
    # Translators: {facts} are clauses with commas between them.
    st.caption(widgets.plain(tr("{facts}.", facts=listed(said))))


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
        st.error(widgets.plain(tr(error)))
        return None
    return next((one for one in known if one and one.network.sha256 == network.sha256), None)


def explained() -> list[tuple[state.VisitImage, Explanation]]:
    """All images of this visit with their explanations; those that fail are said and left out."""
    network, images = state.choice().network, state.images()
    place, bar = st.container(), st.empty()
    found = []
    for number, one in enumerate(images):
        bar.progress(
            number / len(images),
            text=tr("{number} of {count} images", number=number, count=len(images)),
        )
        try:
            found.append((one, widgets.with_attention(many_images.glance(one, network))))
        except EcaVizError as error:
            place.error(f"{tr(one.title)}: {widgets.plain(tr(error))}")
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
    with st.spinner(tr("Reading statistics …")):
        return _read_path(path, Path(path).stat().st_mtime_ns if Path(path).exists() else 0)


@st.cache_resource(max_entries=1, show_spinner=False)
def _read_path(path: str, changed: int) -> FolderStatistics:
    return read_statistics(path)


def _file() -> FolderStatistics | None:
    """The uploaded statistics; they stay for the visit when another page is opened."""
    file = st.file_uploader(
        tr("A file of statistics"),
        type=["parquet"],
        key=state.STATISTICS_FILE,
        help=tr(
            "What `python -m eca_viz statistics DIR --out FILE` wrote. It stays on the machine "
            "that runs this app."
        ),
    )
    if file is not None:
        try:
            data = uploaded(file)
            sha256 = hashlib.sha256(data).hexdigest()
            read = many_images.statistics_of_file(sha256, data)
        except EcaVizError as error:
            st.error(widgets.plain(f"{file.name}: {tr(error)}"))
        else:
            st.session_state[state.STATISTICS_READ] = read
    found: FolderStatistics | None = st.session_state.get(state.STATISTICS_READ)
    if found is None:
        st.info(tr("Give a file, or choose another source above."))
    return found
