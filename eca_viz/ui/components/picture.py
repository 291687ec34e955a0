"""A drawing as SVG in the page: its parts can be pointed at, and it has the page's colours."""

from pathlib import Path

import streamlit as st

from eca_viz.figures.block_picture import BlockPicture
from eca_viz.locale.texts import tr
from eca_viz.ui import state

# Below so many pixels the text of a drawing would be smaller than 14.
_NARROWEST = 870
# zip_button.js finds drawings by this class. On a narrow screen the box is moved sideways.
_HTML = f"""<div class="eca-viz-picture" style="overflow-x: auto">
<div style="min-width: {_NARROWEST}px"></div></div>"""
_FILE = Path(__file__)
# st.html lets no SVG through.
_component = st.components.v2.component(
    "eca_viz_picture",
    html=_HTML,
    js=_FILE.with_suffix(".js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def draw(drawing: BlockPicture, *, key: str) -> None:
    """A drawing with its caption.

    Args:
        drawing: one of `eca_viz.figures`.
        key: of the drawing on the page, and of its file in an export.
    """
    with st.container(key=key):
        # In a list: Streamlit would import pandas to look for tables among the values of a dict.
        _component(data=[drawing.svg])
    state.pictures()[key] = drawing
    st.caption(tr(drawing.caption))
