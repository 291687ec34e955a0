"""The app. Start it with `streamlit run app.py`."""

import streamlit as st
from starlette.middleware import Middleware

from eca_viz.ui.engine import preloaded
from eca_viz.ui.preload import Preload

app = st.App("eca_viz/ui/app/router.py", lifespan=preloaded, middleware=[Middleware(Preload)])
