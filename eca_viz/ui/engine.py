"""What is loaded before the first page; PyTorch and the first networks, loaded behind it."""

import atexit
import gc
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import streamlit as st
from streamlit.errors import StreamlitAPIException
from streamlit.runtime.scriptrunner import get_script_run_ctx

from eca_viz.errors import EcaVizError
from eca_viz.locale.texts import text, tr
from eca_viz.storage.scratch import sweep
from eca_viz.ui.sending import send_at_once
from eca_viz.ui.turns import PAGES

WAITING = text("Loading PyTorch, Captum and the network …")
# Seconds after which a thread that computes lets another one run. One thread sends all pages, and
# waited for this time (5 ms as Python has it) before each of a page's many messages.
SWITCH = 0.0005
# Seconds after which the imports begin even where no browser says that it has drawn the page.
HEAD_START = 20.0
PULSE = 0.5
LAST_IMPORTS = 15.0  # seconds for which the server's end waits for them
# In the session: the place on the page for what is waited for. It is always there, since
# Streamlit's front end makes all below anew when an element comes or goes, and then no longer
# writes pickers into the address.
SLOT = "loading_slot"

_started = threading.Lock()
_imported = threading.Event()  # not while the page's modules are being imported
_imported.set()
_asked, _done = threading.Event(), threading.Event()


@asynccontextmanager
async def preloaded(app: st.App) -> AsyncIterator[None]:
    """Loads what the first page needs while the browser of the first visit is starting.

    The server ends when the imports that have begun are done: Python would end their thread within
    C++, which aborts the process.
    """
    send_at_once()
    _imported.clear()
    threading.Thread(target=_preload, daemon=True).start()
    yield
    _imported.wait(LAST_IMPORTS)
    if _started.locked() and _asked.is_set():
        _done.wait(LAST_IMPORTS)


def imported() -> None:
    """Returns when the page's modules are: two threads must not import one circle of modules."""
    _imported.wait()


def _preload() -> None:
    try:
        sweep()
        _draw_once()
    finally:
        _imported.set()  # what failed here fails again, with its message, where it is needed


def _draw_once() -> None:
    """Imports the page's modules, and makes its charts once: Plotly imports much on first use."""
    from eca_viz import figures
    from eca_viz.export.stored import shipped
    from eca_viz.images.samples import SAMPLES
    from eca_viz.networks.registry import DEFAULT_NETWORK, find_network
    from eca_viz.ui.components import browser, chart_clicks  # noqa: F401
    from eca_viz.ui.sections import one_channel, one_layer  # noqa: F401
    from eca_viz.ui.sidebar import sidebar  # noqa: F401

    found = shipped(SAMPLES[0].read(), find_network(DEFAULT_NETWORK).sha256)
    if found is not None:
        record, overlay = found.attention[0], figures.saliency_overlay
        charts = [figures.predictions(found.predictions), figures.overview(found.attention)]
        charts += [figures.network_picture(found.attention)]
        charts += [overlay(found.seen, one, limit=1.0) for one in found.saliency]
        charts += [draw(record, (0.0, 1.0), 0) for draw in one_layer.CHARTS]
        for chart in charts:
            chart.to_json()


def load_behind() -> None:
    """Begins to load in a thread, once in this process, when the first page is drawn.

    Before, the imports would take the processor from the browser that draws it.
    """
    if _started.acquire(blocking=False):
        sys.setswitchinterval(SWITCH)
        threading.Thread(target=_load, daemon=True).start()


def hurry() -> None:
    """The first page is drawn, or waits for what is loaded: begins at once.

    No page is drawn while pandas is imported: Plotly asks whether values are pandas' and fails
    while that is being imported in another thread.
    """
    if not _asked.is_set():
        with PAGES.alone():
            import pandas  # noqa: F401
        _asked.set()


def ready() -> None:
    """Returns when all is loaded; until then the page shows what it waits for."""
    if _done.is_set():
        return
    hurry()
    load_behind()
    place = st.session_state.get(SLOT) or st.empty()
    try:
        box = place.container()
    except StreamlitAPIException:  # a fragment may not write there
        place = st.empty()
        box = place.container()
    with box:
        st.caption(tr(WAITING))
        st.skeleton(height=300)
        slot = st.empty()
    with PAGES.released():
        while not _done.wait(PULSE):
            slot.empty()  # here Streamlit can end this run for another one
    place.empty()


def pulse(*_: object) -> None:
    """While a run waits or computes: at a look into the session Streamlit can end it."""
    if get_script_run_ctx(suppress_warning=True) is not None:
        st.session_state.get(SLOT)


def loaded() -> bool:
    """Whether all is loaded."""
    return _done.is_set()


def freeze() -> None:
    """Takes all that is loaded out of the collector's sight.

    Looking through PyTorch's objects takes 0.3 s, and no page can run meanwhile.
    """
    gc.collect()
    gc.freeze()


def _load() -> None:
    _asked.wait(HEAD_START)
    try:
        hurry()
        from eca_viz import inspection, pipeline  # noqa: F401
        from eca_viz.networks.loading import load_network
        from eca_viz.networks.registry import DEFAULT_NETWORK, cached_imagenet

        load_network(DEFAULT_NETWORK)
        if (cached := cached_imagenet()) is not None:
            with suppress(EcaVizError):  # said where it is picked
                load_network(cached)
        freeze()
        atexit.register(gc.unfreeze)  # else libraries report leaks when the app ends
    finally:
        _done.set()  # what failed here fails again, with its message, where it is needed
