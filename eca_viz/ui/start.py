"""From the first frame to a page that can run; imports nothing slow before it has drawn."""

import streamlit as st


def start() -> None:
    """Loads the libraries and the bundled network behind a skeleton, then draws the sidebar.

    What is already loaded costs nothing: later runs draw the sidebar at once.
    """
    place = st.empty()
    with place.container():
        st.caption("Loading PyTorch, Captum and the bundled network …")
        st.skeleton(height=420)
    from eca_viz.ui import cache, sidebar

    cache.warm_up()
    place.empty()
    sidebar.draw()
