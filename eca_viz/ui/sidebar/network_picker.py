"""The sidebar's first part: which network, out of the box, from a hub, or from a checkpoint."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.uploaded_file_manager import UploadedFile

from eca_viz.errors import EcaVizError
from eca_viz.export import stored
from eca_viz.networks.labels import parse_labels
from eca_viz.networks.registry import (
    DEFAULT_NETWORK,
    NETWORKS,
    cached_imagenet,
    downloadable,
    find_listed,
    find_network,
    is_bundled,
)
from eca_viz.paths import NETWORK_VARIABLE
from eca_viz.progress import Progress, silent
from eca_viz.ui import engine, state
from eca_viz.ui.components import address, widgets

if TYPE_CHECKING:
    from eca_viz.networks.spec import Network

BUNDLED, HUB, CHECKPOINT = SOURCES = ("Bundled", "ImageNet", "Your checkpoint")
# The network that the command `app` or `serve` was given, where one was.
OWN = "Your network"
MAX_CHECKPOINT_MB = 600
MAX_LABELS_MB = 1
# How keys of networks begin that no address may name.
_UPLOAD, _OWN = _NAMELESS = ("upload:", "own:")

# Takes what is called with the progress, and the weights' digest where it is known already.
Open = Callable[[Progress, str], "Network"]


@dataclass(frozen=True)
class _Wanted:
    """A network that was asked for: a key of its own, and how to open it."""

    key: str
    open: Open


def pick(notices: DeltaGenerator) -> state.NetworkChoice:
    """Draws the pickers.

    Where a network cannot be had, it says why, and which one is shown, at `notices`. Returns the
    network that is asked for, or else the last one.
    """
    source = st.radio(
        "Network",
        _sources(),
        horizontal=True,
        key=state.SOURCE,
        bind="query-params",
    )
    wanted = {OWN: _own, BUNDLED: _bundled, HUB: _hub, CHECKPOINT: _checkpoint}[source]()
    if source != CHECKPOINT:
        _forget_others(None, None)
    network = None
    with notices:
        if wanted is not None:
            network = _opened(wanted)
        if network is None:
            network = st.session_state.get(state.NETWORK_IN_USE) or _open(_by_name(DEFAULT_NETWORK))
            st.info(f"The page shows {widgets.plain(network.title)}.")
    st.session_state[state.NETWORK_IN_USE] = network
    _say_evicted()
    return network


def _sources() -> tuple[str, ...]:
    """The sources of networks, the same for a visit; the first is the one that it begins with.

    An ImageNet network that is on this machine comes before the bundled one. The address names
    it, so that the link opens it also where it is not.
    """
    if state.SOURCES not in st.session_state:
        cached, asked = cached_imagenet(), st.query_params
        own = (OWN,) if NETWORK_VARIABLE in os.environ else ()
        begins_bundled = bool(own) or cached is None or state.NETWORK in asked
        both = (BUNDLED, HUB) if begins_bundled else (HUB, BUNDLED)
        st.session_state[state.SOURCES] = (*own, *both)
        if state.SOURCE not in asked and state.HUB in asked:
            st.session_state[state.SOURCE] = HUB
        elif state.SOURCE not in asked and cached is not None and not begins_bundled:
            _pick_imagenet(cached)
    return (*st.session_state[state.SOURCES], CHECKPOINT)


def open_imagenet(name: str) -> None:
    """Picks an ImageNet network; to be called before the pickers are drawn, by a button."""
    st.session_state[state.SOURCE] = HUB
    _pick_imagenet(name)


def _pick_imagenet(name: str) -> None:
    """Sets the picker of ImageNet networks; where it is not drawn yet, in the address too."""
    if state.HUB not in st.session_state:
        st.query_params[state.HUB] = name
    st.session_state[state.HUB] = name


def _stop_download() -> None:
    st.session_state[state.SOURCE] = BUNDLED


def named(name: str) -> state.NetworkChoice | None:
    """The network of a name that a link gives; None after saying why there is none.

    Only names are taken, never the path of a file.
    """
    known = [spec.name for spec in NETWORKS]
    if name not in known and name not in downloadable():
        st.error(
            f"The link names the network {widgets.plain(repr(name))}, which is neither bundled "
            "nor one to download; unpin it and choose another in the sidebar."
        )
        return None
    return _opened(_by_name(name), key="try_again_pinned")


def _by_name(name: str) -> _Wanted:
    return _Wanted(name, partial(_load, name))


def _load(name: str, progress: Progress, sha256: str) -> "Network":
    engine.ready()
    from eca_viz.networks.loading import load_network

    return load_network(name, progress=progress, on_evict=_note_evicted)


def _own() -> _Wanted:
    name = os.environ[NETWORK_VARIABLE]
    st.caption(widgets.plain(Path(name).name))
    return _Wanted(f"{_OWN}{name}", partial(_load_own, name))


def _load_own(name: str, progress: Progress, sha256: str) -> "Network":
    engine.ready()
    from eca_viz.networks.own import load_own

    return load_own(name)


def _bundled() -> _Wanted:
    name = st.selectbox(
        "Bundled network",
        [spec.name for spec in NETWORKS],
        format_func=lambda name: find_network(name).title,
        key=state.NETWORK,
        bind="query-params",
        label_visibility="collapsed",
    )
    return _by_name(name)


def _hub() -> _Wanted | None:
    names = downloadable()
    address.check(state.HUB, "ImageNet network", names)
    name = st.selectbox(
        "ImageNet network",
        names,
        index=None,
        placeholder="Choose; downloads once" if names else "Downloads are turned off",
        key=state.HUB,
        bind="query-params",
        label_visibility="collapsed",
    )
    if name is None:
        return None
    row = find_listed(name)
    there = "On this disk" if row.on_disk() else "Downloads once"
    st.caption(f"{there}. Licence: {row.licence}. {widgets.plain(row.source)}")
    return _by_name(name)


def _checkpoint() -> _Wanted | None:
    file = st.file_uploader(
        "Your checkpoint",
        key=state.CHECKPOINT,
        max_upload_size=widgets.at_most(MAX_CHECKPOINT_MB),
        label_visibility="collapsed",
        help="ECA-ResNet or ECA-MobileNetV2 in the layout of the official repository, an ECA "
        "network of timm or an SE network of torchvision: .pth, .pth.tar, .pt or .safetensors. "
        "Depth, kernel sizes and number of classes are read from its tensors. Nothing in it is "
        "executed, and it stays on the machine that runs this app.",
    )
    names = st.file_uploader(
        "Names of its classes (optional)",
        key=state.LABELS,
        max_upload_size=MAX_LABELS_MB,
        help="A text file with one name in each line, in the order of the classes.",
    )
    _forget_others(file, names)
    if file is None:
        return None
    key = f"{_UPLOAD}{file.file_id}:{names.file_id if names else ''}"
    return _Wanted(key, partial(_open_upload, file, names))


def _open_upload(
    file: UploadedFile, names: UploadedFile | None, progress: Progress, sha256: str
) -> "Network":
    engine.ready()
    from eca_viz.networks.loading import open_checkpoint

    progress(f"Reading {file.name}", 0.0)
    labels = None if names is None else parse_labels(names.getvalue(), names.name)
    sha256 = sha256 or hashlib.sha256(file.getvalue()).hexdigest()
    return open_checkpoint(file.getvalue, sha256, file.name, labels, on_evict=_note_evicted)


def _forget_others(file: UploadedFile | None, names: UploadedFile | None) -> None:
    """Drops uploads that were removed; an opened network holds their bytes."""
    current = f"{_UPLOAD}{file.file_id if file else ''}:{names.file_id if names else ''}"
    known = state.opened()
    for key in [key for key in known if key.startswith(_UPLOAD) and key != current]:
        del known[key]


def _opened(wanted: _Wanted, key: str = "try_again") -> state.NetworkChoice | None:
    """The network, opened at most once in this session; None after saying why there is none."""
    known = state.opened().get(wanted.key)
    if known is None:
        place = st.empty()
        with place.container():
            bar = st.empty()
            if _downloads(wanted.key):
                st.button("Stop the download", on_click=_stop_download, key=f"stop_{key}")

        def show(what: str, fraction: float) -> None:
            bar.progress(fraction, text=widgets.plain(f"{what} …"))

        try:
            known = _open(wanted, show)
        except EcaVizError as error:
            known = str(error)
        place.empty()
        state.opened()[wanted.key] = known
    if isinstance(known, state.NetworkChoice):
        return known
    st.error(widgets.plain(known))
    st.button("Try again", on_click=_forget, args=(wanted.key,), key=key)
    return None


def _downloads(key: str) -> bool:
    """Whether opening the network of this key begins with a download."""
    return not (key.startswith(_NAMELESS) or is_bundled(key) or find_listed(key).on_disk())


def _digest_of_kept(key: str) -> str:
    """Digest of the weights of a hub's network of which a result was kept; else empty."""
    if key.startswith(_NAMELESS):
        return ""
    digest = find_listed(key).digest()
    return digest if digest and stored.any_kept(digest) else ""


def _forget(key: str) -> None:
    state.opened().pop(key, None)


def _open(wanted: _Wanted, progress: Progress = silent) -> state.NetworkChoice:
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
        opened = wanted.open(progress, "")
        record = opened.record
        if wanted.key.startswith(_OWN):
            again = partial(_same, opened)  # also when its file or the served model is another
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


def _note_evicted(network: "Network") -> None:
    """May be called inside a cached function, in which nothing can be drawn."""
    state.evicted().append(network.record.title)


def _say_evicted() -> None:
    while state.evicted():
        st.toast(
            f"{widgets.plain(state.evicted().pop())} left memory to make room; it is loaded again "
            "when it is needed."
        )
