"""Data frames as tables in the language of the visit; exported, they stay in English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from eca_viz import texts
from eca_viz.texts import text, tr

if TYPE_CHECKING:
    import pandas as pd

# Names of columns, and the words in cells that are no titles of anything.
WORDS = (
    # Translators: from here on heads of the columns of tables; what has an underscore is the name
    # of the column in an exported file.
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
    # Statistics of layers, and accuracies.
    text("mean gate"),
    text("spread over channels"),
    text("spread over images"),
    text("between classes (η²)"),
    text("near 0"),
    text("near ½"),
    text("near 1"),
    text("effective rank"),
    text("kind"),
    text("where"),
    text("share"),
    text("images"),
    text("right"),
    text("low"),
    text("high"),
    text("log_probability"),
    # Translators: images that were predicted right before and are wrong now; and the other way.
    text("lost"),
    text("won"),
    # Images.
    text("image"),
    text("prediction"),
    text("probability"),
    text("score"),
    text("familiarity"),
    text("stands_out"),
    # Terms of a gate.
    text("place"),
    # Translators: the channel, or the padding, from which a term of a sum comes.
    text("from"),
    text("value"),
    text("coefficient"),
    text("product"),
    text("sum"),
    text("bias"),
    text("padding"),
    text("sum W₁y"),
    text("weight W₂"),
    text("sum W₁m"),
    text("value of m"),
    text("both"),
    # Feature maps.
    text("which"),
    text("mean"),
    text("smallest"),
    text("largest"),
    text("mean × ω"),
    # Effects of gates, and two sides of a comparison.
    text("reference"),
    text("change"),
    text("attribution"),
    text("difference"),
    # Scores of saliency maps.
    text("method"),
    text("insertion area"),
    text("deletion area"),
    text("infidelity"),
    text("sensitivity"),
    text("similarity to shuffled weights"),
    text("share of the pixels"),
    text("probability, inserted"),
    text("probability, deleted"),
    # Runs of the mechanisms.
    text("seeds"),
    text("spread"),
    text("less ECA, same seeds"),
    text("p (paired t-test)"),
    text("parameters"),
    text("in attention"),
    text("seconds a run"),
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
