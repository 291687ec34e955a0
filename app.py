"""The app. Start it with `streamlit run app.py`."""

import streamlit as st

from eca_viz.ui.application import surroundings

app = st.App("eca_viz/ui/app/router.py", **surroundings())
