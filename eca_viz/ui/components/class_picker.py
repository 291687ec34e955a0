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


def several(title: str, names: Sequence[str], *, key: str, first: int = 0) -> list[str]:
    """The classes that are picked; those that are not there are forgotten.

    Args:
        title: of the picker.
        names: of all classes.
        key: of the picker, bound to the address bar.
        first: so many of the names are picked at the beginning; with 0 none, which means all.

    Returns:
        Their names.
    """
    known = st.session_state.get(key)
    if known is not None and not set(known) <= set(names):
        st.session_state.pop(key)
    return st.multiselect(
        title,
        names,
        # A default beside a value that is set would be warned of.
        default=None if key in st.session_state or not first else names[:first],
        key=key,
        bind="query-params",
        placeholder="Choose" if first else "All",
    )
