"""Accuracies with changed gates: a person's files of them, else what is shipped."""

import hashlib
import json
import os
from pathlib import Path

import streamlit as st

from eca_viz.errors import EcaVizError
from eca_viz.locale.texts import tr
from eca_viz.paths import ACCURACY_VARIABLE
from eca_viz.records import FolderAccuracy, NetworkRecord
from eca_viz.records.need import NEED, PRUNING
from eca_viz.statistics.accuracy_files import read_accuracy
from eca_viz.statistics.shipped import shipped_accuracy
from eca_viz.ui import engine, state, turns
from eca_viz.ui.components import widgets
from eca_viz.ui.kept import kept
from eca_viz.ui.uploads import uploaded


def pick(network: NetworkRecord) -> dict[str, FolderAccuracy]:
    """Draws what takes files; the network's accuracies by NEED and PRUNING, as far as known.

    A file of this visit comes before one that the app was started with, and that before what is
    shipped; it stays when another page is opened, and goes when the person removes it. Of a file
    that cannot be used, or is of another network, it says so.
    """
    place = st.container()
    files = st.file_uploader(
        tr("Your files of need or prune"),
        type=["parquet"],
        key=state.ACCURACY_FILES,
        accept_multiple_files=True,
        on_change=state.accuracies().clear,
        help=tr(
            "What `python -m eca_viz need DIR --out FILE` or `prune` wrote. They stay on the "
            "machine that runs this app."
        ),
    )
    given: dict[tuple[str, str], FolderAccuracy] = {}
    with place:
        try:
            given = _given()
        except EcaVizError as error:  # changed since the app was started
            st.error(widgets.plain(tr(error)))
        for file in files:
            try:
                data = uploaded(file)
                read = _of_file(hashlib.sha256(data).hexdigest(), data)
                _keep(file.name, read, network)
            except EcaVizError as error:
                st.error(widgets.plain(f"{file.name}: {tr(error)}"))
    found = {
        measured: shipped
        for measured in (NEED, PRUNING)
        if (shipped := shipped_accuracy(network.name, network.sha256, measured))
    }
    for (sha256, measured), one in (*given.items(), *state.accuracies().items()):
        if sha256 == network.sha256:
            found[measured] = one
    return found


def describe(found: FolderAccuracy) -> None:
    """Says over which images accuracies are."""
    over = tr(
        "{network} over {images:,} images of {folder}",
        network=tr(found.network.title),
        images=found.unchanged.images,
        folder=tr(found.folder),
    )
    st.caption(widgets.plain(tr("{facts}.", facts=over)))


def _keep(file: str, read: FolderAccuracy, network: NetworkRecord) -> None:
    """Keeps what was read for the visit, when another page is opened too."""
    state.accuracies()[read.network.sha256, read.measured] = read
    if read.network.sha256 != network.sha256:
        st.info(
            widgets.plain(
                tr(
                    "{file} is of {given}, and what is shown here of {network}; pick statistics "
                    "of the same weights above.",
                    file=file,
                    given=tr(read.network.title),
                    network=tr(network.title),
                )
            )
        )


@kept(lambda sha256, data: sha256)
def _of_file(sha256: str, data: bytes) -> FolderAccuracy:
    """Accuracies in an uploaded file, read once and not in every run of the page."""
    with turns.long():
        return read_accuracy(data, engine.pulse)


@st.cache_resource(max_entries=1, show_spinner=False)
def _given() -> dict[tuple[str, str], FolderAccuracy]:
    """Accuracies in the files that the app was started with."""
    paths = json.loads(os.environ.get(ACCURACY_VARIABLE) or "[]")
    read = [read_accuracy(Path(path)) for path in paths]
    return {(one.network.sha256, one.measured): one for one in read}
