"""Every key of the session and of the address bar, and the choices behind them."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from eca_viz.records import ImageInput

# Keys of widgets that are bound to the address bar.
NETWORK = "network"
PHOTO = "photo"
LAYER = "layer"
METHODS = "methods"
TARGET = "target"
STRENGTH = "strength"
SHARED = "shared"

# Keys of the session alone.
UPLOADS = "uploads"
CAMERA = "camera"
USE_CAMERA = "use_camera"
_CHOICE = "choice"
_CHECKED = "checked_uploads"
_STOPPED = "stopped"

UPLOAD_PREFIX = "upload-"


@dataclass(frozen=True)
class Choice:
    """What the sidebar says: a network's name, a photograph, and whom to thank for it."""

    network: str
    image: ImageInput
    credit: str


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


def choice() -> Choice:
    """The sidebar's choice."""
    chosen: Choice = st.session_state[_CHOICE]
    return chosen


def checked_uploads() -> dict[str, Checked]:
    """Checks already made, by the file's id: a rerun does not hash or decode a file again."""
    known: dict[str, Checked] = st.session_state.setdefault(_CHECKED, {})
    return known


def stopped() -> set[Any]:
    """Computations that the person stopped, by their cache key."""
    keys: set[Any] = st.session_state.setdefault(_STOPPED, set())
    return keys


def parameter_key(method: str, parameter: str) -> str:
    """Session key of the widget for one parameter of a saliency method."""
    return f"{method}.{parameter}"
