"""Every key of the session and of the address bar, and the choices behind them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import streamlit as st

if TYPE_CHECKING:
    from eca_viz.figures.block_picture import BlockPicture
    from eca_viz.figures.drawn import Drawn
    from eca_viz.locale.texts import Text
    from eca_viz.networks.spec import Network
    from eca_viz.records import FolderAccuracy, ImageInput

T = TypeVar("T")

# Keys of widgets that are bound to the address bar.
SOURCE = "source"
NETWORK = "network"
HUB = "hub"
IMAGE = "photo"
LAYER = "layer"
CHANNEL = "channel"
LESS_MEAN_GATE = "less_usual"
METHODS = "methods"
TARGET = "target"
STRENGTH = "strength"
SHARED = "shared"
CHANNELS = "channels"
REDUCTION = "reduction"
GROUPS = "groups"
KERNEL = "k"
BOTTLENECK = "h"
CHANNEL_METHOD = "ask"
OWN_SCALE = "own"
SLIDE = "slide"
MATRICES = "matrices"
STAGE = "stage"
GROUPING = "grouping"
GAMMA = "gamma"
OFFSET = "b"
CHANGE_WHERE = "where"
CHANGE_KIND = "what"
KEPT_CHANGES = "gates"
EFFECT_TARGET = "effect_on"
COMPARE_METHOD = "compare_method"
COMPARE_TARGET = "compare_target"
MECHANISMS_TAB = "mechanisms_tab"
KERNELS_TAB = "kernels_tab"
COMPARE_TAB = "compare_tab"

CLASSES_TAB = "classes_tab"
STATISTICS = "statistics"
SHOWN_CLASSES = "classes"
FILTERED_CLASSES = "predicted"
ATTENTION_TAB = "show"
WHAT_IF_TAB = "what_if_tab"

LESSON_CHANNELS = "lesson_c"
PRESENT = "present"
LANGUAGE = "lang"

# In the address bar, but of no widget: what is pinned as A; the lesson's step and path; and on
# another page the step that opened it.
PIN = "a"
LESSON_STEP = "step"
LESSON_PATH = "path"
LESSON = "lesson"

# Keys of the session alone.
UPLOADS = "uploads"
CHECKPOINT = "checkpoint"
LABELS = "labels"
CAMERA = "camera"
USE_CAMERA = "use_camera"
CHOICE = "choice"
PINNED = "pinned"
NETWORK_IN_USE = "network_in_use"
FILE = "bundle_file"
ASKED = "asked_for"
SOURCES = "sources"
SPOKEN = "spoken"
COUNTED = "counted"
FIRST_ADDRESS = "first_address"
FIRST_PAGE = "first_page"
FIRST_SCREEN = "first_screen_drawn"

AS_DRAWN = "as_drawn"
VISIT = "images_of_this_visit"
STATISTICS_FILE = "statistics_file"
STATISTICS_READ = "statistics_read"
ACCURACY_FILES = "accuracy_files"
COMPARING = "comparing"

LESSON_PICKER = "lesson_picker"
LESSON_LENGTH = "lesson_length"
LESSON_NOTES = "lesson_notes"
LESSON_LEFT = "lesson_left"
LESSON_CHOSEN = "lesson_path"
LESSON_GUESSES = "guesses"

# Keys of tabs, whose values are the texts that they show; those of pickers are the options.
TABS = (ATTENTION_TAB, KERNELS_TAB, MECHANISMS_TAB, WHAT_IF_TAB, CLASSES_TAB, COMPARE_TAB)
# Pickers whose change runs the whole page.
DRAWN_WITH = (SOURCE, NETWORK, HUB, IMAGE, USE_CAMERA)
# What the lesson's fragment is drawn with.
LESSON_DRAWN_WITH = (LESSON_STEP, LESSON_CHOSEN, LESSON_GUESSES)

UPLOAD_PREFIX = "upload-"


@dataclass(frozen=True)
class NetworkChoice:
    """A network: what results depend on, its title, and how to get at it.

    Opening it again is quick while it is in memory. `sha256` is the digest of its weights, `name`
    the one that load_network takes, empty for an upload and
    for a network of the user's own.
    """

    key: str
    title: str
    open: Callable[[], Network]
    sha256: str
    name: str = ""


@dataclass(frozen=True)
class Choice:
    """A network, an image with its credit, and the changes of the gates, if any."""

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
class VisitImage:
    """An image of this visit: the value of the image picker, its title, and its pixels on request.

    `title` and `credit` are Texts where they depend on the language. `sha256` is the digest of the
    file's bytes, empty for a sample.
    """

    key: str
    title: str
    credit: str
    sha256: str
    open: Callable[[], ImageInput]


@dataclass(frozen=True)
class Checked:
    """An uploaded file after its check: its sha256, or one sentence, a Text, on what is wrong."""

    name: str
    sha256: str = ""
    problem: str = ""

    @property
    def key(self) -> str:
        """The value of the image picker that means this upload."""
        return UPLOAD_PREFIX + self.sha256[:16]


def setting_key(owner: str, name: str) -> str:
    """Key of the widget for one setting of a saliency method or of a change of the gates."""
    return f"{owner}.{name}"


def choice() -> Choice:
    """The sidebar's choice."""
    chosen: Choice = st.session_state[CHOICE]
    return chosen


def images() -> tuple[VisitImage, ...]:
    """All images of this visit, uploads first."""
    found: tuple[VisitImage, ...] = st.session_state[VISIT]
    return found


def pinned() -> Choice | None:
    """What is pinned as A."""
    return st.session_state.get(PINNED)


def pin(choice: Choice | None) -> None:
    """Keeps a choice as A, or none; for the address bar too, where a link can hold it."""
    st.session_state[PINNED] = choice
    if choice is not None and choice.link:
        st.query_params[PIN] = choice.link
    else:
        st.query_params.pop(PIN, None)


def drawn() -> dict[str, Drawn]:
    """The figures that were drawn since the page began to run, by key, in their order."""
    return _kept("drawn", dict)


def pictures() -> dict[str, BlockPicture]:
    """The drawings that were made since the page began to run, by key."""
    return _kept("pictures", dict)


def opened() -> dict[str, NetworkChoice | str]:
    """By what was asked for: the network that came of it, or a Text on why none did."""
    return _kept("opened_networks", dict)


def evicted() -> list[str]:
    """Titles of networks that left memory, to be announced once."""
    return _kept("evicted_networks", list)


def checked_uploads() -> dict[str, Checked]:
    """Checks already made, by the file's id: a rerun does not hash or decode a file again."""
    return _kept("checked_uploads", dict)


def presenting() -> bool:
    """Whether the page is shown on a projector."""
    return bool(st.session_state.get(PRESENT))


def guesses() -> Mapping[str, int]:
    """What was guessed in the lesson, by the step's id: the place of an answer."""
    found: Mapping[str, int] = st.session_state.get(LESSON_GUESSES, {})
    return found


def guess(step: str, place: int) -> None:
    """Keeps a guess for the visit, in a new mapping: the last one says what was drawn."""
    st.session_state[LESSON_GUESSES] = {**guesses(), step: place}


def wrong_in_address() -> dict[str, Text]:
    """Texts on what the address asked for and is not there, by the picker's key."""
    return _kept("wrong_in_address", dict)


def note_drawn() -> None:
    """Keeps the values with which the page, or the lesson's step, is being drawn."""
    st.session_state[AS_DRAWN] = _values((*DRAWN_WITH, *LESSON_DRAWN_WITH))


def rerun_if_outdated(*, lesson: bool = True) -> None:
    """Runs the whole page again where something outside of the fragment has changed since it ran.

    Where a component tells the server something in the moment of a click, Streamlit's front end
    sends both in one message, which runs only the component's fragment.

    Args:
        lesson: whether the lesson's step is outside of the fragment.
    """
    drawn, keys = st.session_state.get(AS_DRAWN, {}), (*DRAWN_WITH, *LESSON_DRAWN_WITH)
    now = _values(keys if lesson else DRAWN_WITH)
    if {key: drawn.get(key) for key in now} != now:
        st.rerun()


def _values(keys: Sequence[str]) -> dict[str, object]:
    return {key: st.session_state.get(key) for key in keys}


def accuracies() -> dict[tuple[str, str], FolderAccuracy]:
    """Those that this visit gave, by the digest of the network and what is measured."""
    return _kept("accuracies", dict)


def variants_seen() -> set[str]:
    """Digests of the mechanisms' networks whose gates this visit was shown."""
    return _kept("variants_seen", set)


def told() -> set[str]:
    """Sentences that this visit was told once."""
    return _kept("told", set)


def stopped() -> set[Hashable]:
    """Computations that the person stopped, by their cache key."""
    return _kept("stopped", set)


def wanted() -> set[Hashable]:
    """Computations that run only when asked for, and were, by their cache key."""
    return _kept("wanted", set)


def _kept(key: str, make: Callable[[], T]) -> T:
    """A collection of this session, made empty where there is none yet."""
    kept: T = st.session_state.setdefault(key, make())
    return kept
