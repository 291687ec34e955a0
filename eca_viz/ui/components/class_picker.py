"""The picker of a target class."""

from collections.abc import Sequence

import streamlit as st

from eca_viz.analysis.reading import no_classes_note
from eca_viz.locale.texts import Text, text, tr
from eca_viz.records import Explanation
from eca_viz.ui.components import address


def pick(title: str, predicted: Text, labels: Sequence[str], *, key: str) -> int | None:
    """The index of the class that is picked.

    Args:
        title: of the picker, translated.
        predicted: its first entry, which means the predicted class; a Text.
        labels: of all classes.
        key: of the picker, bound to the address bar.

    Returns:
        The index of a label, or None for the first entry.
    """
    address.check(key, text("class"), [predicted, *labels])
    picked = st.selectbox(title, [predicted, *labels], format_func=tr, key=key, bind="query-params")
    return None if picked == predicted else labels.index(picked)


def target(explanation: Explanation, title: str, predicted: Text, *, key: str) -> int | None:
    """The index of what is to be explained: the picked class, the predicted one, or the score.

    Args:
        explanation: of the network.
        title: as in `pick`.
        predicted: as in `pick`.
        key: as in `pick`.

    Returns:
        The index, or None after saying that there is nothing to explain.
    """
    if explanation.predictions:
        picked = pick(title, predicted, explanation.network.labels, key=key)
        return explanation.target if picked is None else picked
    if explanation.target is None:
        st.info(tr(no_classes_note(explanation)))
    return explanation.target


def several(title: str, names: Sequence[str], *, key: str, first: int = 0) -> list[str]:
    """The classes that are picked; those that are not there are forgotten.

    Args:
        title: of the picker, translated.
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
        format_func=tr,
        key=key,
        bind="query-params",
        placeholder=tr("Choose") if first else tr("All"),
    )
