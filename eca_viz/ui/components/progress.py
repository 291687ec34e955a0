"""Long work on a page: its progress, a button that stops it, and one that starts it again."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

import streamlit as st

from eca_viz.locale.texts import tr
from eca_viz.progress import Progress
from eca_viz.ui import cache, state

T = TypeVar("T")


def stoppable(work: cache.Work[T], *, key: str, height: int) -> T | None:
    """The result of the work, with a button that stops it. Must stand outside fragments.

    Args:
        work: is run only where its result is not kept yet.
        key: of the buttons.
        height: in pixels, of the skeleton that holds the result's place.

    Returns:
        The result, or None where the work was stopped, which the page says.

    Raises:
        Exception: what the work raises.
    """
    if work.key in state.stopped() and not cache.known(work):
        st.info(tr("Stopped."))
        again = partial(state.stopped().discard, work.key)
        st.button(tr("Run again"), key=f"run-{key}", on_click=again)
        return None
    return computed(work, key=key, height=height, stop=partial(state.stopped().add, work.key))


def computed(
    work: cache.Work[T],
    *,
    height: int,
    key: str = "",
    stop: Callable[[], None] | None = None,
) -> T:
    """The result of the work, with its progress while it runs.

    Streamlit lets a fragment's run end before it takes the fragment's own clicks, so that a
    button inside a fragment could not stop it; a click outside, in the sidebar, does.

    Args:
        work: is run only where its result is not kept yet.
        height: in pixels, of the skeleton that holds the result's place.
        key: of the button.
        stop: called by a button; no button is drawn for None.

    Returns:
        The result.

    Raises:
        Exception: what the work raises.
    """
    return cache.result(work, _shown(tr(work.title), stop, key, height))


@contextmanager
def _shown(
    title: str, stop: Callable[[], None] | None, key: str, height: int
) -> Iterator[Progress]:
    """A bar with the time that is left, the button and a skeleton, for as long as the work runs."""
    place = st.empty()
    with place.container():
        bar = st.progress(0.0, text=f"{title} …")
        if stop is not None:
            st.button(tr("Stop"), key=f"stop-{key}", on_click=stop)
        st.skeleton(height=height)

    begin = time.perf_counter()

    def show(what: str, fraction: float) -> None:
        said = f"{title}: {fraction:.0%}"
        if fraction > 0:
            said = tr(
                "{title}: {fraction:.0%}, about {left:.0f} s left",
                title=title,
                fraction=fraction,
                left=(time.perf_counter() - begin) * (1 - fraction) / fraction,
            )
        bar.progress(fraction, text=said)

    try:
        yield show
    finally:
        place.empty()
