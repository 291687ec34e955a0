"""Pieces that several pages use."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go
import streamlit as st

from eca_viz.analysis.familiarity import familiarity_note
from eca_viz.analysis.reading import no_classes_note, unread_note
from eca_viz.attention.descriptions import DESCRIPTIONS
from eca_viz.errors import EcaVizError
from eca_viz.export.files import csv, manifest_json, parquet
from eca_viz.export.html_report import report
from eca_viz.figures import theme
from eca_viz.figures.drawn import Drawn, alt_of, caption_of, described
from eca_viz.records import Explanation, LayerAttention
from eca_viz.ui import cache, state
from eca_viz.ui.components import zip_button

if TYPE_CHECKING:
    import pandas as pd

# Dragging zooms and a double click goes back; each further button would be one more tab stop.
PLOTLY = {"displaylogo": False, "modeBarButtons": [["toImage", "resetScale2d"]]}


def at_most(megabytes: int) -> int:
    """A limit of uploads in MB, or the server's where that is lower."""
    return min(megabytes, int(st.get_option("server.maxUploadSize")))


def current_explanation() -> Explanation:
    """The explanation of the chosen image; ends the page's run with a sentence on failure."""
    choice = state.choice()
    try:
        return cache.explanation(choice.image, choice.network)
    except EcaVizError as error:
        st.error(plain(str(error)))
        st.stop()


def with_attention(explanation: Explanation) -> Explanation:
    """The same explanation; ends the page's run with a sentence where no layer has attention."""
    if not explanation.attention:
        best = explanation.predictions[0] if explanation.predictions else None
        read = " that are read" if explanation.unread else ""
        said = f"; it predicts {plain(best.label)} ({best.probability:.1%})" if best else ""
        attributions = ", the Saliency page shows its attributions"
        shown = "" if explanation.target is None else attributions
        st.info(
            f"{plain(explanation.network.title)} has no attention layers{read}{said}. The "
            f"Mechanisms page compares it with networks that have attention{shown}. "
            f"{plain(unread_note(explanation))}"
        )
        st.stop()
    return explanation


def chart(
    figure: go.Figure, *, key: str, caption: str | None = None, alt: str | None = None
) -> None:
    """A figure with its caption.

    Args:
        figure: one of `eca_viz.figures`.
        key: of the chart on the page, and of its files in an export.
        caption: Markdown in place of the figure's own caption; with "" there is none.
        alt: in place of the figure's own text for screen readers.
    """
    described(figure, caption=caption, alt=alt)
    if state.presenting():
        theme.enlarge(figure)
    st.plotly_chart(figure, key=key, config=PLOTLY, alt=alt_of(figure))
    state.drawn()[key] = Drawn(key, figure)
    if below := caption_of(figure):
        st.caption(below)


def charts(figures: Mapping[str, go.Figure]) -> None:
    """Figures by key side by side, with one caption below all of them, that of the last."""
    caption = caption_of(list(figures.values())[-1])
    for column, (key, figure) in zip(st.columns(len(figures)), figures.items(), strict=True):
        with column:
            chart(figure, key=key, caption="")
    st.caption(caption)


def table(frame: pd.DataFrame, title: str, columns: dict[str, Any] | None = None) -> None:
    """The numbers of a figure, folded; the table can be downloaded.

    Args:
        frame: the numbers.
        title: of the fold.
        columns: Streamlit's configuration by the name of a column.
    """
    with st.expander(title):
        st.dataframe(frame, hide_index=True, column_config=columns)


def predictions_note(explanation: Explanation) -> str:
    """How familiar the image is, and the classes that the network predicts, as Markdown."""
    if not explanation.predictions:
        return no_classes_note(explanation)
    labels = explanation.network.labels
    if len(labels) > 20:
        known = f"This network knows {len(labels):,} classes and always predicts one of them."
    else:
        names = plain(", ".join(labels))
        known = f"This network knows only {len(labels)} classes ({names}) and always predicts one."
    return f"{familiarity_note(explanation)} {known}".strip()


def size(record: LayerAttention) -> str:
    """The layer's channels, and its kernel size or reduction ratio, as Markdown."""
    text = f"**C = {record.channels}**"
    if record.kernel_size is not None:
        text += f", **k = {record.kernel_size}**"
    if record.reduction is not None:
        text += f", **r = {record.reduction:.3g}**"
    return text


def formula(record: LayerAttention) -> str:
    """The layer's mechanism as LaTeX."""
    return next(known.formula for known in DESCRIPTIONS if known.name == record.mechanism)


def plain(text: str) -> str:
    """Text from outside, such as a file's name, made safe for Markdown."""
    return re.sub(r"([\\`*_\[\]$:~<>#|])", r"\\\1", text)


def downloads(
    explanation: Explanation,
    tables: Mapping[str, pd.DataFrame] | None = None,
    *,
    fragment: bool = False,
) -> None:
    """What the page shows as files; each is made when it is asked for.

    Args:
        explanation: what the page is about.
        tables: further tables in the files, by name.
        fragment: whether they stand in a fragment.
    """
    stem = _stem(explanation)
    st.header("Downloads")
    draw = zip_button.inside if fragment else zip_button.draw
    draw({stem: explanation}, f"{stem}.zip", tables)
    columns = st.columns(4)
    files: tuple[tuple[str, str, str, Callable[[Explanation], str | bytes]], ...] = (
        ("CSV", f"{stem}-attention.csv", "text/csv", csv),
        ("Parquet", f"{stem}-attention.parquet", "application/octet-stream", parquet),
        ("JSON", f"{stem}-explanation.json", "application/json", manifest_json),
        ("HTML report", f"{stem}-report.html", "text/html", report),
    )
    for column, (label, name, mime, make) in zip(columns, files, strict=True):
        column.download_button(
            label,
            data=partial(make, explanation),
            file_name=name,
            mime=mime,
            on_click="ignore",
            width="stretch",
            key=f"download-{label}",
        )


def downloads_of_several(
    parts: Mapping[str, Explanation], tables: Mapping[str, pd.DataFrame] | None = None
) -> None:
    """What the page shows in one file; each explanation in a folder named after it."""
    st.header("Downloads")
    zip_button.draw(parts, f"{_stem(next(iter(parts.values())))}.zip", tables)


def _stem(explanation: Explanation) -> str:
    return explanation.image.name.rpartition(".")[0] or explanation.image.name
