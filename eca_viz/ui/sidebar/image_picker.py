"""The images of this visit: uploaded, taken with the camera, samples."""

import hashlib
from collections.abc import Sequence
from typing import Any

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from eca_viz.analysis.familiarity import probably_none
from eca_viz.errors import EcaVizError
from eca_viz.gates.familiarity import shipped
from eca_viz.images.reading import LIMITS_TEXT, MAX_BYTES
from eca_viz.images.samples import SAMPLES
from eca_viz.locale.texts import tr
from eca_viz.ui import cache, limits, state
from eca_viz.ui.components import widgets
from eca_viz.ui.language import sentence
from eca_viz.ui.uploads import uploaded


def caption(network: state.NetworkChoice, sample: str) -> str:
    """What stands below a sample that is probably none of the network's classes."""
    reference = shipped(network.name, network.sha256)
    share = None if reference is None else reference.samples.get(sample)
    return tr("probably none of its classes") if probably_none(share) else ""


def titles(names: dict[str, str]) -> dict[str, str]:
    """Each image's title by its key, a Text where it is a sample's.

    Equal names are numbered, as a picker needs distinct ones.
    """
    samples = {sample.name: sample.title for sample in SAMPLES}
    taken = set(map(tr, samples.values()))
    distinct: dict[str, str] = {}
    for key, name in names.items():
        title, number = widgets.plain(name), 1
        while title in {*taken, *distinct.values()}:
            number += 1
            title = f"{widgets.plain(name)} ({number})"
        distinct[key] = title
    return distinct | samples


def uploads() -> list[tuple[UploadedFile, state.Checked]]:
    """Uploads and the camera's image, newest first, each with its check."""
    st.file_uploader(
        tr("Your images"),
        accept_multiple_files=True,
        key=state.UPLOADS,
        on_change=_show_newest,
        args=(state.UPLOADS,),
        max_upload_size=widgets.at_most(MAX_BYTES // 2**20),
        help=tr("{limits} They stay on the machine that runs this app.", limits=LIMITS_TEXT),
    )
    if st.toggle(tr("Use the camera"), key=state.USE_CAMERA):
        st.camera_input(
            tr("Take a photograph"),
            key=state.CAMERA,
            on_change=_show_newest,
            args=(state.CAMERA,),
        )
    files = _files(state.CAMERA) + _files(state.UPLOADS)[::-1]
    return [(file, _checked(file)) for file in files]


def _files(key: str) -> list[UploadedFile]:
    value: Any = st.session_state.get(key)
    if value is None:
        return []
    found = value if isinstance(value, Sequence) else [value]
    # A browser may name one that was never sent, or is gone.
    return [file for file in found if isinstance(file, UploadedFile)]


def _checked(file: UploadedFile) -> state.Checked:
    """The check of one of the visit's files; those above the visit's limits are not decoded."""
    earlier = _files(state.UPLOADS) + _files(state.CAMERA)
    sizes = {one.file_id: one.size for one in earlier}
    place = list(sizes).index(file.file_id) + 1
    problem = limits.too_much(list(sizes.values())[:place])
    return state.Checked(file.name, problem=problem) if problem else _check(file)


def _check(file: UploadedFile) -> state.Checked:
    known = state.checked_uploads()
    if file.file_id not in known:
        try:
            data = uploaded(file)
            sha256 = hashlib.sha256(data).hexdigest()
            cache.upload(sha256, data, file.name)
            known[file.file_id] = state.Checked(file.name, sha256=sha256)
        except EcaVizError as error:
            known[file.file_id] = state.Checked(file.name, problem=sentence(error))
    return known[file.file_id]


def _show_newest(key: str) -> None:
    """After an upload, picks the last image that is new and can be read."""
    known = set(state.checked_uploads())
    for file in _files(key)[::-1]:
        check = _checked(file)
        if file.file_id not in known and check.sha256:
            st.session_state[state.IMAGE] = check.key
            return
