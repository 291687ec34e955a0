"""The images of this visit: uploaded, taken with the camera, samples."""

import hashlib
from collections.abc import Sequence
from typing import Any

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from eca_viz.analysis.familiarity import probably_none
from eca_viz.errors import ImageError
from eca_viz.gates.familiarity import shipped
from eca_viz.images.reading import LIMITS_TEXT, MAX_BYTES
from eca_viz.images.samples import SAMPLES
from eca_viz.ui import cache, state
from eca_viz.ui.components import widgets


def caption(network: state.NetworkChoice, sample: str) -> str:
    """What stands below a sample that is probably none of the network's classes."""
    reference = shipped(network.name, network.sha256)
    share = None if reference is None else reference.samples.get(sample)
    return "probably none of its classes" if probably_none(share) else ""


def titles(names: dict[str, str]) -> dict[str, str]:
    """Each image's title by its key; equal names are numbered, as a picker needs distinct ones."""
    samples = {sample.name: sample.title for sample in SAMPLES}
    distinct: dict[str, str] = {}
    for key, name in names.items():
        title, number = widgets.plain(name), 1
        while title in {*samples.values(), *distinct.values()}:
            number += 1
            title = f"{widgets.plain(name)} ({number})"
        distinct[key] = title
    return distinct | samples


def uploads() -> list[tuple[UploadedFile, state.Checked]]:
    """Uploads and the camera's image, newest first, each with its check."""
    st.file_uploader(
        "Your images",
        accept_multiple_files=True,
        key=state.UPLOADS,
        on_change=_show_newest,
        args=(state.UPLOADS,),
        max_upload_size=widgets.at_most(MAX_BYTES // 2**20),
        help=f"{LIMITS_TEXT} They stay on the machine that runs this app.",
    )
    if st.toggle("Use the camera", key=state.USE_CAMERA):
        st.camera_input(
            "Take a photograph",
            key=state.CAMERA,
            on_change=_show_newest,
            args=(state.CAMERA,),
        )
    files = _files(state.CAMERA) + _files(state.UPLOADS)[::-1]
    return [(file, _check(file)) for file in files]


def _files(key: str) -> list[UploadedFile]:
    value: Any = st.session_state.get(key)
    if value is None:
        return []
    return list(value) if isinstance(value, Sequence) else [value]


def _check(file: UploadedFile) -> state.Checked:
    known = state.checked_uploads()
    if file.file_id not in known:
        data = file.getvalue()
        sha256 = hashlib.sha256(data).hexdigest()
        try:
            cache.upload(sha256, data, file.name)
            known[file.file_id] = state.Checked(file.name, sha256=sha256)
        except ImageError as error:
            known[file.file_id] = state.Checked(file.name, problem=str(error))
    return known[file.file_id]


def _show_newest(key: str) -> None:
    """After an upload, picks the last image that is new and can be read."""
    known = set(state.checked_uploads())
    for file in _files(key)[::-1]:
        check = _check(file)
        if file.file_id not in known and check.sha256:
            st.session_state[state.IMAGE] = check.key
            return
