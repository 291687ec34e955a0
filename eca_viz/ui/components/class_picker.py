"""The picker of a target class."""

from collections.abc import Sequence

import streamlit as st

from eca_viz.ui.components import address


def pick(title: str, predicted: str, labels: Sequence[str], *, key: str) -> int | None:
    """The index of the class that is picked.

    Args:
        title: of the picker.
        predicted: its first entry, which means the predicted class.
        labels: of all classes.
        key: of the picker, bound to the address bar.

    Returns:
        The index of a label, or None for the first entry.
    """
    address.check(key, "class", [predicted, *labels])
    picked = st.selectbox(title, [predicted, *labels], key=key, bind="query-params")
    return None if picked == predicted else labels.index(picked)
