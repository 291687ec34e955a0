"""Long work on a page: its progress, a button that stops it, and one that starts it again.

All but `computed` must stand outside fragments.
"""

from collections.abc import Callable, Hashable
from functools import partial
from typing import TypeVar

import streamlit as st

from eca_viz import figures
from eca_viz.progress import Progress
from eca_viz.records import Explanation, SaliencyMap
from eca_viz.saliency.registry import find_method
from eca_viz.settings import Settings
from eca_viz.ui import cache, state

T = TypeVar("T")


def stoppable(
    wanted: Hashable,
    title: str,
    run: Callable[[Progress], T],
    *,
    key: str,
    height: int,
) -> T | None:
    """What `run` returns, computed once for `wanted`; None where it was stopped, which is said.

    `key` is that of the buttons, `height` of the skeleton that holds the result's place. Raises
    what `run` raises.
    """
    found: T | None = cache.known(wanted)
    if found is not None:
        return found
    if wanted in state.stopped():
        st.info("Stopped.")
        st.button("Run again", key=f"run-{key}", on_click=state.stopped().discard, args=(wanted,))
        return None
    found = watched(title, run, partial(state.stopped().add, wanted), key=key, height=height)
    cache.remember(wanted, found)
    return found


def computed(wanted: Hashable, title: str, run: Callable[[Progress], T], *, height: int) -> T:
    """The same inside a fragment, for some seconds of work, without a button.

    Streamlit lets a fragment's run end before it takes the fragment's own clicks, so that
    one could not stop it; a click outside, in the sidebar, does.
    """
    found: T | None = cache.known(wanted)
    if found is None:
        found = watched(title, run, None, height=height)
        cache.remember(wanted, found)
    return found


def watched(
    title: str,
    run: Callable[[Progress], T],
    stop: Callable[[], None] | None,
    *,
    key: str = "",
    height: int,
) -> T:
    """What `run` returns, with its progress and, if given, a button that calls `stop`."""
    place = st.empty()
    with place.container():
        bar = st.progress(0.0, text=f"{title} …")
        if stop is not None:
            st.button("Stop", key=f"stop-{key}", on_click=stop)
        st.skeleton(height=height)

    def show(what: str, fraction: float) -> None:
        bar.progress(fraction, text=f"{title}: {fraction:.0%}")

    try:
        return run(show)
    finally:
        place.empty()


def compute(
    explanation: Explanation,
    network: state.NetworkChoice,
    method: str,
    target: int,
    parameters: Settings,
    *,
    key: str,
) -> SaliencyMap | None:
    """The map, or None where it was stopped, which the page says; `key` is that of its buttons.

    Raises EcaVizError where the method cannot be used on this network.
    """
    return stoppable(
        cache.saliency_key(explanation, method, target, parameters),
        find_method(method).title,
        partial(cache.saliency, explanation, network, method, target, parameters),
        key=key,
        height=figures.OVERLAY_SIDE,
    )
