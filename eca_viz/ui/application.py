"""The server around the pages: what stands before them, and how it is set up."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from streamlit.config_option import ConfigOption

from eca_viz.ui.door import Door
from eca_viz.ui.engine import preloaded
from eca_viz.ui.options import options
from eca_viz.ui.preload import Preload
from eca_viz.ui.readiness import Readiness
from eca_viz.ui.uploads import Uploads

ROUTER = Path(__file__).parent / "app" / "router.py"


def surroundings() -> dict[str, Any]:
    """What st.App is given beside the script, for every way in which the app is started."""
    before = [Middleware(one) for one in (Door, Readiness, Uploads, Preload)]
    return {"lifespan": preloaded, "middleware": before}


def run(changed: Mapping[str, Any]) -> None:
    """Runs the app in this process until it is stopped.

    Args:
        changed: Options of Streamlit by their dotted names that differ from `settings`.
    """
    # Streamlit puts the folder of what was started before the standard library, and that of
    # `python -m eca_viz` has a package `statistics`.
    sys.argv = [str(ROUTER)]
    st.App(ROUTER, **surroundings()).run(config={**settings(), **changed})


def settings() -> dict[str, Any]:
    """Streamlit's options by their dotted names: the app's own.

    Those that the environment sets, as STREAMLIT_SERVER_ADDRESS does, are left to it.
    """
    return {
        name: value
        for name, value in options().items()
        if ConfigOption(name).env_var not in os.environ
    }
