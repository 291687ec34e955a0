"""Clicks on channels in charts, which Streamlit itself does not report for cells and lines."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import streamlit as st

from eca_viz.figures import theme
from eca_viz.records import Explanation, LayerAttention
from eca_viz.ui import state

_KEY = "clicks"
_component = st.components.v2.component(
    "eca_viz_clicks", js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
)


def listen(
    explanation: Explanation,
    charts: Sequence[str],
    overview: str,
    record: LayerAttention,
    channel: int,
) -> None:
    """Makes a click on a channel in one of the charts pick it.

    The browser marks the picked cell in the overview at once, so that this large chart need not
    be sent again. When it has drawn the first overview, it says so: state.FIRST_SCREEN.

    Args:
        explanation: of the image.
        charts: keys of the charts.
        overview: key of the one among them that has a row for each layer.
        record: the picked layer.
        channel: the picked channel.
    """
    given = {
        "charts": list(charts),
        "overview": overview,
        "layers": [[one.layer, one.channels] for one in explanation.attention],
        "picked": {"layer": record.layer, "channel": channel},
        "colour": theme.SECOND,
        "told": state.FIRST_SCREEN in st.session_state,
    }
    # In a list: Streamlit would import pandas to look for tables among the values of a dict.
    _component(
        key=_KEY,
        data=[given],
        height=1,
        on_click_change=lambda: _pick(explanation),
        on_drawn_change=_drawn,
    )


def _drawn() -> None:
    st.session_state[state.FIRST_SCREEN] = True


def _pick(explanation: Explanation) -> None:
    take(explanation, st.session_state[_KEY]["click"])


def take(explanation: Explanation, click: object) -> None:
    """Picks the channel that was clicked, before the page is drawn again.

    A click comes from the browser: one that means no channel of this network changes nothing.
    A chart of one layer sends no layer's name; the picked one is meant.
    """
    if not isinstance(click, Mapping):
        return
    layer = click.get("layer") or st.session_state.get(state.LAYER)
    channel = click.get("channel")
    if not isinstance(channel, int | float) or not float(channel).is_integer():
        return
    for record in explanation.attention:
        if record.layer == layer and 0 <= channel < record.channels:
            st.session_state[state.LAYER] = record.layer
            st.session_state[state.CHANNEL] = int(channel)
