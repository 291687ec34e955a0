"""From the first frame to a page that can run; imports nothing slow before it has drawn."""

import sys

import streamlit as st

from eca_viz.errors import EcaVizError


def start() -> None:
    """Loads the libraries and the bundled network behind a skeleton, then draws the sidebar.

    Where they are loaded, it draws the sidebar at once. Where that fails, it says why in a
    sentence and ends the page's run.
    """
    place = st.empty()
    if "eca_viz.ui.cache" not in sys.modules:
        with place.container():
            st.caption("Loading PyTorch, Captum and the bundled network …")
            st.skeleton(height=420)
    from eca_viz.ui import cache, state
    from eca_viz.ui.sidebar import sidebar

    state.drawn().clear()
    try:
        cache.warm_up()
        place.empty()
        sidebar.draw()
    except EcaVizError as error:
        place.empty()
        st.error(str(error))
        st.stop()
