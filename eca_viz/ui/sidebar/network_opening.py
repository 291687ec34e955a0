"""Networks that were asked for: opened once in a session, with their progress and their errors."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from eca_viz.errors import EcaVizError
from eca_viz.export import stored
from eca_viz.locale.texts import tr
from eca_viz.networks.registry import find_listed, find_network, is_bundled
from eca_viz.progress import Progress, silent
from eca_viz.ui import state
from eca_viz.ui.components import widgets
from eca_viz.ui.language import sentence
from eca_viz.ui.sidebar import download
from eca_viz.ui.turns import PAGES

if TYPE_CHECKING:
    from eca_viz.networks.spec import Network

# How keys of networks begin that no address may name.
UPLOAD, OWN = _NAMELESS = ("upload:", "own:")

# Takes what is called with the progress, and the weights' digest where it is known already.
Open = Callable[[Progress, str], "Network"]


@dataclass(frozen=True)
class Wanted:
    """A network that was asked for: a key of its own, and how to open it."""

    key: str
    open: Open


def opened(wanted: Wanted, key: str = "try_again") -> state.NetworkChoice | None:
    """The network, opened at most once in this session; None after saying why there is none.

    Args:
        wanted: the network.
        key: of the button that tries again; ends the keys of those for a download.
    """
    known = state.opened().get(wanted.key)
    downloads = not wanted.key.startswith(_NAMELESS) and download.needed(wanted.key)
    if known is None and downloads and not download.wanted(wanted.key):
        download.offer(wanted.key, key)
        return None
    if known is None:
        place = st.empty()
        with place.container():
            bar = st.empty()
            if downloads:
                download.stop_button(key)

        def show(what: str, fraction: float) -> None:
            bar.progress(fraction, text=widgets.plain(f"{tr(what)} …"))

        try:
            # Others draw their pages while this one waits for the internet.
            with PAGES.released() if downloads else nullcontext():
                known = choose(wanted, show)
        except EcaVizError as error:
            known = sentence(error)
        place.empty()
        state.opened()[wanted.key] = known
    if isinstance(known, state.NetworkChoice):
        return known
    st.error(widgets.plain(tr(known)))
    st.button(tr("Try again"), on_click=_forget, args=(wanted.key,), key=key)
    return None


def _digest_of_kept(key: str) -> str:
    """Digest of the weights of a hub's network of which a result was kept; else empty."""
    if key.startswith(_NAMELESS):
        return ""
    digest = find_listed(key).digest()
    return digest if digest and stored.any_kept(digest) else ""


def _forget(key: str) -> None:
    state.opened().pop(key, None)


def choose(wanted: Wanted, progress: Progress = silent) -> state.NetworkChoice:
    """The choice of a network, which is opened.

    A bundled one is known without that, and one of a hub from which a result was kept.
    """
    labels: tuple[str, ...] = ()
    again = wanted.open
    if is_bundled(wanted.key):
        spec = find_network(wanted.key)
        name, title, sha256 = spec.name, spec.title, spec.sha256
    elif digest := _digest_of_kept(wanted.key):
        name, title, sha256 = wanted.key, find_listed(wanted.key).title, digest
    else:
        network = wanted.open(progress, "")
        record = network.record
        if wanted.key.startswith(OWN):
            again = partial(_same, network)  # also when its file or the served model is another
        name, title, sha256 = record.name, record.title, record.sha256
        # Those of a network with a name are always the same.
        labels = record.labels if wanted.key.startswith(_NAMELESS) else ()
    return state.NetworkChoice(
        key=f"{sha256}:{hash((name, labels))}",
        title=title,
        open=partial(again, silent, sha256),
        sha256=sha256,
        name="" if wanted.key.startswith(_NAMELESS) else wanted.key,
    )


def _same(network: "Network", progress: Progress, sha256: str) -> "Network":
    return network


def note_evicted(network: "Network") -> None:
    """Notes that a network left memory; may be called where nothing can be drawn."""
    state.evicted().append(network.record.title)


def say_evicted() -> None:
    """Says once which networks left memory."""
    while state.evicted():
        st.toast(
            tr(
                "{network} left memory to make room; it is loaded again when it is needed.",
                network=widgets.plain(tr(state.evicted().pop())),
            )
        )
