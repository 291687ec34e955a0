"""Images: all images of this visit, their predictions and gates; to Compare and to Classes."""

import base64
import io
from collections.abc import Sequence
from typing import Any

import streamlit as st
from PIL import Image

from eca_viz.analysis.familiarity import headline
from eca_viz.analysis.images import images_table
from eca_viz.locale.texts import tr
from eca_viz.records import Explanation, Pixels
from eca_viz.records.statistics import MEAN_GATE
from eca_viz.ui import cache, state
from eca_viz.ui.components import class_picker, frames, layer_picker, widgets
from eca_viz.ui.pages import find_page
from eca_viz.ui.sections import statistics_source

THUMBNAIL = 96
PREVIEW = "preview"


def render() -> None:
    """Draws the page."""
    if st.session_state.pop(state.COMPARING, False):
        st.switch_page(find_page("Compare").script)
    st.markdown(
        tr(
            "All images of this visit with the network of the sidebar. Upload more there. A click "
            "on a column's head sorts."
        )
    )
    found = statistics_source.explained()
    table = images_table([one for _, one in found], cache.mean_gates(state.choice().network))
    names = list(table.get("prediction", [""] * len(table)))
    chosen: list[str] = []
    if any(names):
        classes = sorted(set(names))
        chosen = class_picker.several(tr("Predicted classes"), classes, key=state.FILTERED_CLASSES)
    shown = [row for row, name in enumerate(names) if not chosen or name in chosen]
    visible = table.iloc[shown].reset_index(drop=True)
    visible.insert(0, PREVIEW, [_preview(found[row][1]) for row in shown])
    # A selection of rows that the filter takes away stays with the table.
    picked = [shown[row] for row in _table(visible) if row < len(shown)]
    _actions([found[row][0] for row in picked], table)
    layer_picker.link_to_channel()
    _gallery([found[row] for row in shown])


def _table(visible: Any) -> list[int]:
    """Draws the table; returns the rows that are selected."""
    columns: dict[str, Any] = {
        PREVIEW: st.column_config.ImageColumn("", width="small"),
        "probability": st.column_config.NumberColumn(format="percent"),
        "familiarity": st.column_config.NumberColumn(format="percent"),
        **{
            name: st.column_config.NumberColumn(
                tr("mean ω {layer}", layer=name.removeprefix(MEAN_GATE)), format="%.4f"
            )
            for name in visible.columns
            if name.startswith(MEAN_GATE)
        },
        "sha256": None,
    }
    event = frames.draw(
        visible,
        columns,
        on_select="rerun",
        selection_mode="multi-row",
        key="images_table",
        row_height=48,
    )
    return list(event["selection"]["rows"])


def _actions(picked: Sequence[state.VisitImage], table: Any) -> None:
    compare, statistics, csv = st.columns(3)
    if len(picked) >= 2:
        first, second = picked[:2]
        compare.button(
            tr("Compare {a} with {b}", a=tr(first.title), b=tr(second.title)),
            on_click=_compare,
            args=(first, second.key),
            width="stretch",
        )
    else:
        compare.button(
            tr("Compare"),
            disabled=True,
            help=tr("Select two rows of the table."),
            width="stretch",
        )
    with statistics:
        if st.button(tr("Statistics of these images"), width="stretch"):
            st.query_params[state.STATISTICS] = statistics_source.VISIT
            st.session_state[state.STATISTICS] = statistics_source.VISIT
            st.switch_page(find_page("Classes").script)
    csv.download_button(
        "CSV",
        data=lambda: table.to_csv(index=False),
        file_name="images.csv",
        mime="text/csv",
        on_click="ignore",
        width="stretch",
    )


def _compare(first: state.VisitImage, second: str) -> None:
    """Pins the first image as A and picks the second; runs before the page is drawn again."""
    state.pin(state.Choice(state.choice().network, first.open(), first.credit))
    st.session_state[state.IMAGE] = second
    st.session_state[state.COMPARING] = True


def _gallery(shown: Sequence[tuple[state.VisitImage, Explanation]]) -> None:
    st.header(tr("Gallery"))
    captions = [
        tr("{image}: {prediction}", image=tr(image.title), prediction=_said(one))
        for image, one in shown
    ]
    st.image([one.seen for _, one in shown], caption=captions, width=2 * THUMBNAIL)


def _said(one: Explanation) -> str:
    """What the network says of an image, as Markdown."""
    if not one.predictions:
        return tr(headline(one))
    best = one.predictions[0]
    return tr(
        "{label}, {probability:.0%}",
        label=widgets.plain(tr(best.label)),
        probability=best.probability,
    )


def _preview(explanation: Explanation) -> str:
    return _data_uri(explanation.image.sha256, explanation.network.sha256, explanation.seen)


@st.cache_data(max_entries=500, show_spinner=False)
def _data_uri(image: str, network: str, _seen: Pixels) -> str:
    """A small JPEG of what the network sees, for a cell of the table."""
    small = Image.fromarray(_seen)
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    buffer = io.BytesIO()
    small.save(buffer, format="JPEG")
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"


render()
