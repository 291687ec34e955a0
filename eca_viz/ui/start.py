"""From the first frame to a page that can run; imports nothing slow before it has drawn."""

import sys
from base64 import b64encode

import streamlit as st

from eca_viz.errors import EcaVizError
from eca_viz.locale.texts import tr
from eca_viz.paths import ASSETS
from eca_viz.ui import engine, first_address

# The address of the page's icon, which holds the image: a file would be read in each run.
ICON = f"data:image/png;base64,{b64encode((ASSETS / 'icon.png').read_bytes()).decode()}"


def start(*, light: bool) -> None:
    """Draws the sidebar, behind a skeleton while its modules are imported.

    Where that fails, it says why in a sentence and ends the page's run.

    Args:
        light: whether the page can be drawn before PyTorch is loaded.
    """
    place = st.session_state[engine.SLOT] = st.empty()
    if "eca_viz.ui.cache" not in sys.modules:
        with place.container():
            st.skeleton(height=420)
    engine.imported()
    from eca_viz.ui import state
    from eca_viz.ui.components import browser, presenting, widgets
    from eca_viz.ui.sidebar import sidebar

    state.drawn().clear()
    state.pictures().clear()
    place.empty()
    engine.load_behind()
    if not light:
        engine.ready()
    with st.container():
        if state.LESSON in st.query_params:
            from eca_viz.ui.sections import lesson_path

            lesson_path.way_back()
    try:
        sidebar.draw()
        presenting.style()
        with st.sidebar:
            browser.attend(_drawn)
    except EcaVizError as error:
        st.error(widgets.plain(tr(error)))
        st.stop()


def _drawn() -> None:
    """The browser has drawn the first page."""
    first_address.forget()
    engine.hurry()
