"""The app. Start it with `streamlit run app.py`."""

import streamlit as st

from eca_viz.ui.engine import preloaded

app = st.App("eca_viz/ui/router.py", lifespan=preloaded)
