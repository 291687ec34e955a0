"""The sidebar, the same on every page: which network, which image."""

from functools import partial

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from eca_viz.images.samples import SAMPLES, find_sample
from eca_viz.locale.texts import text, tr
from eca_viz.networks.registry import NETWORKS
from eca_viz.records import ImageInput
from eca_viz.ui import cache, language, state
from eca_viz.ui.components import address, presenting, widgets
from eca_viz.ui.sidebar import image_picker, network_picker, pin


def draw() -> None:
    """Draws the sidebar and keeps its choice for the page."""
    address.note()
    address.check(state.SOURCE, text("source of networks"), network_picker.SOURCES)
    address.check(state.NETWORK, text("bundled network"), [spec.title for spec in NETWORKS])
    address.check(state.IMAGE, text("image"), [sample.title for sample in SAMPLES])
    notices = st.container()
    with st.sidebar:
        network = network_picker.pick(notices)
        uploads = image_picker.uploads()
        for problem in (check.problem for _, check in uploads if check.problem):
            st.error(widgets.plain(tr(problem)))
        good = {check.key: (file, check) for file, check in uploads if check.sha256}
        titles = image_picker.titles({key: check.name for key, (_, check) in good.items()})
        if st.session_state.get(state.IMAGE) not in titles:
            st.session_state.pop(state.IMAGE, None)
        picked = st.radio(
            tr("Image"),
            list(titles),
            # A default beside a value that an upload has set would be warned of.
            index=0 if state.IMAGE in st.session_state else len(good),
            format_func=lambda key: tr(titles[key]),
            captions=[image_picker.caption(network, key) for key in titles],
            key=state.IMAGE,
            bind="query-params",
        )
        images = {key: _image(key, titles[key], good) for key in titles}
        st.session_state[state.VISIT] = tuple(images.values())
        st.session_state[state.CHOICE] = _choice(network, images[picked])
        pin.draw()
        presenting.toggle()
        language.pick()
    state.note_drawn()


def _image(
    key: str, title: str, uploads: dict[str, tuple[UploadedFile, state.Checked]]
) -> state.VisitImage:
    if key not in uploads:
        credit = find_sample(key).credit_line
        return state.VisitImage(key, title, credit, "", partial(cache.sample, key))
    file, check = uploads[key]

    def read() -> ImageInput:
        return cache.upload(check.sha256, file.getvalue(), check.name)

    credit = text("{name}, your image", name=widgets.plain(check.name))
    return state.VisitImage(key, title, credit, check.sha256, read)


def _choice(network: state.NetworkChoice, image: state.VisitImage) -> state.Choice:
    if image.sha256:
        st.caption(
            tr(
                "Your image stays in this session: the link in the address bar opens the same view "
                "with a sample instead."
            )
        )
    return state.Choice(network, image.open(), image.credit)
