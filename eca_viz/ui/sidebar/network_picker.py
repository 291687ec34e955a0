"""The sidebar's first part: which network, out of the box, from a hub, or from a checkpoint."""

import hashlib
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.uploaded_file_manager import UploadedFile

from eca_viz.locale.texts import text, tr
from eca_viz.networks.labels import parse_labels
from eca_viz.networks.registry import (
    DEFAULT_NETWORK,
    NETWORKS,
    cached_imagenet,
    downloadable,
    find_listed,
    find_network,
)
from eca_viz.paths import NETWORK_VARIABLE
from eca_viz.progress import Progress
from eca_viz.ui import engine, state
from eca_viz.ui.components import address, widgets
from eca_viz.ui.sidebar import download, network_opening
from eca_viz.ui.sidebar.network_opening import Wanted
from eca_viz.ui.uploads import uploaded

if TYPE_CHECKING:
    from eca_viz.networks.spec import Network

BUNDLED, HUB, CHECKPOINT = SOURCES = (download.BUNDLED, text("ImageNet"), text("Your checkpoint"))
# The network that the command `app` or `serve` was given, where one was.
OWN = text("Your network")
MAX_CHECKPOINT_MB = 600
MAX_LABELS_MB = 1


def pick(notices: DeltaGenerator) -> state.NetworkChoice:
    """Draws the pickers.

    Where a network cannot be had, it says why, and which one is shown, at `notices`. Returns the
    network that is asked for, or else the last one.
    """
    source = st.radio(
        tr("Network"),
        _sources(),
        format_func=tr,
        horizontal=True,
        key=state.SOURCE,
        bind="query-params",
    )
    pickers: dict[str, Callable[[], Wanted | None]] = {
        OWN: _own,
        BUNDLED: _bundled,
        HUB: _hub,
        CHECKPOINT: _checkpoint,
    }
    wanted = pickers[source]()
    if source != CHECKPOINT:
        _forget_others(None, None)
    network = None
    with notices:
        if wanted is not None:
            network = network_opening.opened(wanted)
        if network is None:
            network = st.session_state.get(state.NETWORK_IN_USE) or network_opening.choose(
                _by_name(DEFAULT_NETWORK)
            )
            title = widgets.plain(tr(network.title))
            st.info(tr("The page shows {network}.", network=title))
    st.session_state[state.NETWORK_IN_USE] = network
    network_opening.say_evicted()
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
    download.want(name)


def _pick_imagenet(name: str) -> None:
    """Sets the picker of ImageNet networks; where it is not drawn yet, in the address too."""
    if state.HUB not in st.session_state:
        st.query_params[state.HUB] = name
    st.session_state[state.HUB] = name


def named(name: str) -> state.NetworkChoice | None:
    """The network of a name that a link gives; None after saying why there is none.

    Only names are taken, never the path of a file.
    """
    known = [spec.name for spec in NETWORKS]
    if name not in known and name not in downloadable():
        st.error(
            tr(
                "The link names the network {name}, which is neither bundled nor one to download; "
                "unpin it and choose another in the sidebar.",
                name=widgets.plain(repr(name)),
            )
        )
        return None
    return network_opening.opened(_by_name(name), key="try_again_pinned")


def _by_name(name: str) -> Wanted:
    return Wanted(name, partial(_load, name))


def _load(name: str, progress: Progress, sha256: str) -> "Network":
    engine.ready()
    from eca_viz.networks.loading import load_network

    return load_network(name, progress=progress, on_evict=network_opening.note_evicted)


def _own() -> Wanted:
    name = os.environ[NETWORK_VARIABLE]
    st.caption(widgets.plain(Path(name).name))
    return Wanted(f"{network_opening.OWN}{name}", partial(_load_own, name))


def _load_own(name: str, progress: Progress, sha256: str) -> "Network":
    engine.ready()
    from eca_viz.networks.own import load_own

    return load_own(name)


def _bundled() -> Wanted:
    name = st.selectbox(
        tr("Bundled network"),
        [spec.name for spec in NETWORKS],
        format_func=lambda name: tr(find_network(name).title),
        key=state.NETWORK,
        bind="query-params",
        label_visibility="collapsed",
    )
    return _by_name(name)


def _hub() -> Wanted | None:
    names = downloadable()
    address.check(state.HUB, text("ImageNet network"), names)
    name = st.selectbox(
        tr("ImageNet network"),
        names,
        index=None,
        placeholder=tr("Choose; downloads once") if names else tr("Downloads are turned off"),
        key=state.HUB,
        on_change=download.want_picked,
        bind="query-params",
        label_visibility="collapsed",
    )
    if name is None:
        return None
    row = find_listed(name)
    about = {"licence": tr(row.licence), "source": widgets.plain(tr(row.source))}
    st.caption(
        tr("On this disk. Licence: {licence}. {source}", **about)
        if row.on_disk()
        else tr("Downloads once. Licence: {licence}. {source}", **about)
    )
    return _by_name(name)


def _checkpoint() -> Wanted | None:
    file = st.file_uploader(
        tr(CHECKPOINT),
        key=state.CHECKPOINT,
        max_upload_size=widgets.at_most(MAX_CHECKPOINT_MB),
        label_visibility="collapsed",
        help=tr(
            "ECA-ResNet or ECA-MobileNetV2 in the layout of the official repository, an ECA "
            "network of timm or an SE network of torchvision: .pth, .pth.tar, .pt or .safetensors. "
            "Depth, kernel sizes and number of classes are read from its tensors. Nothing in it is "
            "executed, and it stays on the machine that runs this app."
        ),
    )
    names = st.file_uploader(
        tr("Names of its classes (optional)"),
        key=state.LABELS,
        max_upload_size=MAX_LABELS_MB,
        help=tr("A text file with one name in each line, in the order of the classes."),
    )
    _forget_others(file, names)
    if file is None:
        return None
    key = f"{network_opening.UPLOAD}{file.file_id}:{names.file_id if names else ''}"
    return Wanted(key, partial(_open_upload, file, names))


def _open_upload(
    file: UploadedFile, names: UploadedFile | None, progress: Progress, sha256: str
) -> "Network":
    engine.ready()
    from eca_viz.networks.loading import open_checkpoint

    progress(text("Reading {file}", file=file.name), 0.0)
    labels = None if names is None else parse_labels(uploaded(names), names.name)
    sha256 = sha256 or hashlib.sha256(uploaded(file)).hexdigest()
    return open_checkpoint(
        file.getvalue, sha256, file.name, labels, on_evict=network_opening.note_evicted
    )


def _forget_others(file: UploadedFile | None, names: UploadedFile | None) -> None:
    """Drops uploads that were removed; an opened network holds their bytes."""
    current = (
        f"{network_opening.UPLOAD}{file.file_id if file else ''}:{names.file_id if names else ''}"
    )
    known = state.opened()
    for key in [key for key in known if key.startswith(network_opening.UPLOAD) and key != current]:
        del known[key]
