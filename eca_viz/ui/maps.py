"""A saliency map with its progress, and a button that stops it."""

from collections.abc import Callable, Hashable, Mapping

import streamlit as st

from eca_viz import figures, pipeline
from eca_viz.records import Explanation, SaliencyMap
from eca_viz.ui import cache, state


def compute(
    explanation: Explanation,
    network: state.NetworkChoice,
    method: str,
    target: int,
    parameters: Mapping[str, float],
    *,
    key: str,
) -> SaliencyMap | None:
    """The map, or None where it was stopped, which the page says; `key` is that of its buttons.

    Raises EcaVizError where the method cannot be used on this network.
    """
    return stoppable(
        cache.saliency_key(explanation, method, target, parameters),
        pipeline.find_method(method).title,
        lambda show: cache.saliency(explanation, network, method, target, parameters, show),
        key=key,
    )


def stoppable(
    wanted: Hashable,
    title: str,
    run: Callable[[pipeline.Progress], SaliencyMap],
    *,
    key: str,
) -> SaliencyMap | None:
    """The same for the map that is kept as `wanted`, or else comes of `run`."""
    known = cache.known_saliency(wanted)
    if known is not None:
        return known
    if wanted in state.stopped():
        st.info("Stopped.")
        st.button("Run again", key=f"run-{key}", on_click=state.stopped().discard, args=(wanted,))
        return None
    bar = st.progress(0.0, text=f"{title} …")
    st.button("Stop", key=f"stop-{key}", on_click=state.stopped().add, args=(wanted,))
    st.skeleton(height=figures.OVERLAY_SIDE)

    def show(what: str, fraction: float) -> None:
        bar.progress(fraction, text=f"{what}: {fraction:.0%}")

    return run(show)
