"""The script of every run: page, sidebar, navigation."""

import streamlit as st

from eca_viz.locale.texts import tr
from eca_viz.ui import fallback, first_address, language, limits, turns
from eca_viz.ui.pages import PAGES
from eca_viz.ui.start import ICON, start

first_address.keep()
language.begin()
limits.admit()
embedded = bool(st.context.is_embedded)
with turns.PAGES.turn(turns.tell):
    # Before the navigation, else the browser asks the internet for an icon of Streamlit's. The
    # styles that hide the sidebar of an embedded page reach the browser after it.
    st.set_page_config(
        page_icon=ICON, layout="wide", initial_sidebar_state="collapsed" if embedded else None
    )
    pages = [
        st.Page(
            entry.script,
            title=tr(entry.title),
            icon=entry.icon,
            url_path=entry.url_path,
            default=entry is PAGES[0],
        )
        for entry in PAGES
    ]
    page = st.navigation(pages, position="hidden" if embedded else "sidebar")
    first_address.arrive()
    st.set_page_config(page_title=f"{page.title} · eca_viz")
    st.title(page.title)
    start(light=PAGES[pages.index(page)].light)
    page.run()
    fallback.tell()
