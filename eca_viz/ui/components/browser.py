"""What the app adds to every page in the browser."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from eca_viz.ui import state
from eca_viz.ui.fragments import fragment
from eca_viz.ui.language import originals

_FILE = Path(__file__)
_component = st.components.v2.component(
    "eca_viz_browser",
    css=_FILE.with_suffix(".css").read_text(encoding="utf-8"),
    js=_FILE.with_suffix(".js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


@fragment
def attend(on_drawn: Callable[[], None]) -> None:
    """Styles the page, and makes each action one entry of the browser's history.

    Args:
        on_drawn: called once, when the browser has drawn the first page.
    """
    state.rerun_if_outdated()
    _component(
        # A list: of a mapping Streamlit asks whether its values are tables, with pandas.
        key="browser",
        height=1,
        data=list(originals().items()),
        on_drawn_change=on_drawn,
    )
