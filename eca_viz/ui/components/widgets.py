"""Pieces that several pages use."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

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
from eca_viz.locale.plain_text import one_line
from eca_viz.locale.texts import carried, listed, text, tr
from eca_viz.records import Explanation, LayerAttention
from eca_viz.ui import cache, state
from eca_viz.ui.components import frames, zip_button

if TYPE_CHECKING:
    import pandas as pd

# Dragging zooms and a double click goes back; each further button would be one more tab stop.
# Where Streamlit looks for icons, addresses and dashes once the text's escapes are resolved: a
# character of no width in between keeps it from finding one.
WORD_JOINER = "\u2060"
_FOUND_IN_TEXT = re.compile(
    r"(?<=:)(?=//|[\w+/-]+:)|(?<=www)(?=\.)|(?<=@)(?=[-\w])|(?<=[-<=>~])(?=[-<=>])", re.IGNORECASE
)
_BEGINS_BLOCK = re.compile(r"^(\d*)([-+=.)])")
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
        st.error(plain(tr(error)))
        st.stop()


def with_attention(explanation: Explanation) -> Explanation:
    """The same explanation; ends the page's run with a sentence where no layer has attention."""
    if not explanation.attention:
        st.info(_without_attention(explanation))
        st.stop()
    return explanation


def _without_attention(explanation: Explanation) -> str:
    """That there is nothing to show, and where to go instead, as Markdown."""
    network = plain(tr(explanation.network.title))
    if explanation.predictions:
        best = explanation.predictions[0]
        of_best = {"label": plain(tr(best.label)), "probability": best.probability}
        said = (
            tr(
                "{network} has no attention layers that are read; it predicts {label} "
                "({probability:.1%}).",
                network=network,
                **of_best,
            )
            if explanation.unread
            else tr(
                "{network} has no attention layers; it predicts {label} ({probability:.1%}).",
                network=network,
                **of_best,
            )
        )
    elif explanation.unread:
        said = tr("{network} has no attention layers that are read.", network=network)
    else:
        said = tr("{network} has no attention layers.", network=network)
    instead = (
        tr("The Mechanisms page compares it with networks that have attention.")
        if explanation.target is None
        else tr(
            "The Mechanisms page compares it with networks that have attention, the Saliency page "
            "shows its attributions."
        )
    )
    return f"{said} {instead} {plain(tr(unread_note(explanation)))}"


def chart(
    figure: go.Figure,
    *,
    key: str,
    caption: str | None = None,
    alt: str | None = None,
    height: Literal["content", "stretch"] = "content",
) -> None:
    """A figure with its caption.

    Args:
        figure: one of `eca_viz.figures`.
        key: of the chart on the page, and of its files in an export.
        caption: Markdown in place of the figure's own caption; with "" there is none.
        alt: in place of the figure's own text for screen readers.
        height: the figure's own, or that of the place where it stands.
    """
    described(figure, caption=caption, alt=alt)
    if state.presenting():
        theme.enlarge(figure)
    st.plotly_chart(figure, key=key, height=height, config=PLOTLY, alt=alt_of(figure))
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
        frames.draw(frame, columns)


def predictions_note(explanation: Explanation) -> str:
    """How familiar the image is, and the classes that the network predicts, as Markdown."""
    if not explanation.predictions:
        return tr(no_classes_note(explanation))
    labels = explanation.network.labels
    if len(labels) > 20:
        known = tr(
            "This network knows {count:,} classes and always predicts one of them.",
            count=len(labels),
        )
    else:
        known = tr(
            "This network knows only {count} classes ({names}) and always predicts one.",
            count=len(labels),
            names=plain(listed(labels)),
        )
    return f"{tr(familiarity_note(explanation))} {known}".strip()


def size(record: LayerAttention) -> str:
    """The layer's channels, and its kernel size or reduction ratio, as Markdown."""
    parts = [f"**C = {record.channels}**"]
    if record.kernel_size is not None:
        parts.append(f"**k = {record.kernel_size}**")
    if record.reduction is not None:
        parts.append(f"**r = {record.reduction:.3g}**")
    return listed(parts)


def formula(record: LayerAttention) -> str:
    """The layer's mechanism as LaTeX."""
    return next(known.formula for known in DESCRIPTIONS if known.name == record.mechanism)


def plain(shown: str) -> str:
    """Text from outside, such as a file's name, as Markdown that shows it in one line as it is."""
    parts = _FOUND_IN_TEXT.split(one_line(shown).lstrip())
    return _BEGINS_BLOCK.sub(r"\1\\\2", WORD_JOINER.join(map(_escape, parts)))


def _escape(shown: str) -> str:
    return re.sub(r"([\\`*_\[\]$:~<>#|&])", r"\\\1", shown)


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
    st.header(tr("Downloads"))
    draw = zip_button.inside if fragment else zip_button.draw
    draw({stem: explanation}, f"{stem}.zip", tables)
    columns = st.columns(4)
    files: tuple[tuple[str, str, str, Callable[[Explanation], str | bytes]], ...] = (
        ("CSV", f"{stem}-attention.csv", "text/csv", csv),
        ("Parquet", f"{stem}-attention.parquet", "application/octet-stream", parquet),
        ("JSON", f"{stem}-explanation.json", "application/json", manifest_json),
        (text("HTML report"), f"{stem}-report.html", "text/html", report),
    )
    for column, (label, name, mime, make) in zip(columns, files, strict=True):
        column.download_button(
            tr(label),
            data=carried(partial(make, explanation)),
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
    st.header(tr("Downloads"))
    zip_button.draw(parts, f"{_stem(next(iter(parts.values())))}.zip", tables)


def _stem(explanation: Explanation) -> str:
    return explanation.image.name.rpartition(".")[0] or explanation.image.name
