"""Every key of the session and of the address bar, and the choices behind them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from eca_viz.figures.drawn import Drawn
from eca_viz.records import ImageInput

if TYPE_CHECKING:
    from eca_viz.networks.spec import Network

# Keys of widgets that are bound to the address bar.
SOURCE = "source"
NETWORK = "network"
HUB = "hub"
PHOTO = "photo"
LAYER = "layer"
CHANNEL = "channel"
LESS_USUAL = "less_usual"
METHODS = "methods"
TARGET = "target"
STRENGTH = "strength"
SHARED = "shared"
CHANNELS = "channels"
REDUCTION = "reduction"
GROUPS = "groups"
KERNEL = "k"
BOTTLENECK = "h"
ASKED = "ask"
OWN = "own"
SLIDE = "slide"
MATRICES = "matrices"
STAGE = "stage"
GROUPING = "grouping"
GAMMA = "gamma"
OFFSET = "b"
GATE_PLACE = "where"
GATE_KIND = "what"
KEPT_CHANGES = "gates"
EFFECT_TARGET = "effect_on"

COMPARE_METHOD = "compare_method"
COMPARE_TARGET = "compare_target"

# In the address bar, but of no widget: what is pinned as A.
PIN = "a"

# Keys of the session alone.
UPLOADS = "uploads"
CHECKPOINT = "checkpoint"
LABELS = "labels"
CAMERA = "camera"
USE_CAMERA = "use_camera"
_CHOICE = "choice"
_CHECKED = "checked_uploads"
_STOPPED = "stopped"
_WANTED = "wanted"
_OPENED = "opened_networks"
_NETWORK = "network_in_use"
_EVICTED = "evicted_networks"
_PINNED = "pinned"
_DRAWN = "drawn"
_FILE = "bundle_file"

UPLOAD_PREFIX = "upload-"


@dataclass(frozen=True)
class NetworkChoice:
    """A network that was opened: what results depend on, its title, and how to get at it.

    Opening it again is quick while it is in memory. `name` is the one by which anyone can load
    it, empty for an upload.
    """

    key: str
    title: str
    open: Callable[[], "Network"]
    name: str = ""


@dataclass(frozen=True)
class Choice:
    """A network, a photograph, whom to thank for it, and how the gates are changed, if at all."""

    network: NetworkChoice
    image: ImageInput
    credit: str
    gates: tuple[str, ...] = ()

    @property
    def link(self) -> str:
        """The value of PIN that means this choice; empty where an upload is part of it."""
        sample, network = self.image.sample, self.network.name
        if not (sample and network):
            return ""
        return "/".join([sample, network, *([" ".join(self.gates)] if self.gates else [])])

    @property
    def result(self) -> tuple[str, str, tuple[str, ...]]:
        """What its result depends on."""
        return self.network.key, self.image.sha256, self.gates


@dataclass(frozen=True)
class Checked:
    """An uploaded file after its check: its sha256, or one sentence that says what is wrong."""

    name: str
    sha256: str = ""
    problem: str = ""

    @property
    def key(self) -> str:
        """The value of the photograph picker that means this upload."""
        return UPLOAD_PREFIX + self.sha256[:16]


def set_choice(choice: Choice) -> None:
    """Keeps the sidebar's choice for the page that runs next."""
    st.session_state[_CHOICE] = choice


def with_gates(gates: tuple[str, ...]) -> Choice:
    """The sidebar's choice with its gates changed."""
    return replace(choice(), gates=gates)


def choice() -> Choice:
    """The sidebar's choice."""
    chosen: Choice = st.session_state[_CHOICE]
    return chosen


def pinned() -> Choice | None:
    """What is pinned as A."""
    return st.session_state.get(_PINNED)


def pin(choice: Choice | None) -> None:
    """Keeps a choice as A, or none; for the address bar too, where a link can hold it."""
    st.session_state[_PINNED] = choice
    if choice is not None and choice.link:
        st.query_params[PIN] = choice.link
    else:
        st.query_params.pop(PIN, None)


def drawn() -> dict[str, Drawn]:
    """The figures that were drawn since the page began to run, by key, in their order."""
    figures: dict[str, Drawn] = st.session_state.setdefault(_DRAWN, {})
    return figures


def forget_drawn() -> None:
    """Begins a page anew."""
    st.session_state[_DRAWN] = {}


def keep_file(file: dict[str, str]) -> None:
    """Keeps a file that was asked for until the next run hands it over."""
    st.session_state[_FILE] = file


def take_file() -> dict[str, str]:
    """The file that was kept, once; nothing where there is none."""
    file: dict[str, str] = st.session_state.pop(_FILE, {})
    return file


def opened() -> dict[str, NetworkChoice | str]:
    """By what was asked for: the network that came of it, or a sentence on why none did."""
    known: dict[str, NetworkChoice | str] = st.session_state.setdefault(_OPENED, {})
    return known


def evicted() -> list[str]:
    """Titles of networks that left memory and of which nothing has been said yet."""
    titles: list[str] = st.session_state.setdefault(_EVICTED, [])
    return titles


def network_in_use() -> NetworkChoice | None:
    """The network that the page showed last, which stays while another cannot be opened."""
    return st.session_state.get(_NETWORK)


def use_network(network: NetworkChoice) -> None:
    """Keeps a network as the one in use."""
    st.session_state[_NETWORK] = network


def checked_uploads() -> dict[str, Checked]:
    """Checks already made, by the file's id: a rerun does not hash or decode a file again."""
    known: dict[str, Checked] = st.session_state.setdefault(_CHECKED, {})
    return known


def stopped() -> set[Any]:
    """Computations that the person stopped, by their cache key."""
    keys: set[Any] = st.session_state.setdefault(_STOPPED, set())
    return keys


def change_key(kind: str, parameter: str) -> str:
    """Session key of the widget for one number of a change of the gates."""
    return f"{kind}.{parameter}"


def wanted() -> set[Any]:
    """Computations that run only when asked for, and were, by their cache key."""
    keys: set[Any] = st.session_state.setdefault(_WANTED, set())
    return keys


def parameter_key(method: str, parameter: str) -> str:
    """Session key of the widget for one parameter of a saliency method."""
    return f"{method}.{parameter}"
