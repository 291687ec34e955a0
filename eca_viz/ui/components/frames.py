"""Data frames as tables in the language of the visit; exported, they stay in English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from eca_viz.locale import texts
from eca_viz.locale.texts import text, tr

if TYPE_CHECKING:
    import pandas as pd

# Heads and words in cells of tables that are exported too, in which they are plain names.
WORDS = (
    # Translators: the head of a column, as all that follow in this file; what has an underscore is
    # the column's name in an exported file.
    text("layer"),
    text("stage"),
    text("order"),
    text("mechanism"),
    text("channels"),
    text("kernel_size"),
    text("reduction"),
    text("channel"),
    text("descriptor"),
    text("logit"),
    text("weight"),
    # Translators: the kind of a change of the gates.
    text("kind"),
    # Translators: in which layers the gates are changed.
    text("where"),
    text("share"),
    text("images"),
    # Translators: how many images are predicted as their label.
    text("right"),
    # Translators: the lower end of an interval.
    text("low"),
    # Translators: the upper end of an interval.
    text("high"),
    text("log_probability"),
    # Translators: how many images were predicted right before a change and are wrong after it.
    text("lost"),
    # Translators: how many images were predicted wrong before a change and are right after it.
    text("won"),
    text("image"),
    text("prediction"),
    text("probability"),
    text("score"),
    text("familiarity"),
    text("stands_out"),
    text("reference"),
    text("change"),
    text("attribution"),
    text("difference"),
    text("mean × ω"),
    # Translators: from here to "distance" of two networks, A and B.
    text("layer_a"),
    text("layer_b"),
    text("matched_by"),
    text("channels_a"),
    text("channels_b"),
    text("mean_a"),
    text("mean_b"),
    text("mean_difference"),
    text("distance"),
    # Translators: layers of two networks are matched by their name, or by their depth.
    text("name"),
    text("depth"),
)


def draw(frame: pd.DataFrame, columns: Mapping[str, Any] | None = None, **options: Any) -> Any:
    """A table without its index.

    Args:
        frame: the numbers; heads and cells that the language's catalogue knows are translated.
        columns: Streamlit's configuration by the name of a column, in the language of the visit.
        **options: of `st.dataframe`.

    Returns:
        What `st.dataframe` returns.
    """
    if texts.spoken() != texts.ENGLISH:
        frame, columns = _cells(frame), _heads(frame, columns or {})
    return st.dataframe(frame, hide_index=True, column_config=columns, **options)


def _cells(frame: pd.DataFrame) -> pd.DataFrame:
    words = {
        name: frame[name].map(lambda cell: tr(cell) if isinstance(cell, str) else cell)
        for name in frame.columns
        if frame[name].dtype.kind == "O"
    }
    return frame.assign(**words)


def _heads(frame: pd.DataFrame, columns: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration with a title for each column that has none and is not hidden."""
    found = dict(columns)
    for name in frame.columns:
        given = found.get(name, {})
        if isinstance(given, dict) and given.get("label") is None:
            found[name] = {**given, "label": tr(name)}
    return found
