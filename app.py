"""The app's router: page, sidebar, navigation. Start it with `streamlit run app.py`."""

from pathlib import Path

import streamlit as st

from eca_viz.ui.pages import PAGES
from eca_viz.ui.start import start

ICON = Path(__file__).parent / "assets" / "icon.png"

# Before the navigation, else the browser asks the internet for an icon of Streamlit's.
st.set_page_config(page_icon=str(ICON), layout="wide")
page = st.navigation(
    [
        st.Page(
            entry.script,
            title=entry.title,
            icon=entry.icon,
            url_path=entry.url_path,
            default=entry is PAGES[0],
        )
        for entry in PAGES
    ]
)
st.set_page_config(page_title=f"{page.title} · eca_viz")
st.title(page.title)
start(first=page.url_path == "")
page.run()
