"""How much one visit and all visits together may take; the environment can set each limit."""

import gc
import os
import weakref
from collections.abc import MutableSet, Sequence
from dataclasses import dataclass, fields

import streamlit as st

from eca_viz.locale.texts import Text, text, textn, trn
from eca_viz.ui import state

PREFIX = "ECA_VIZ_MOST_"


@dataclass(frozen=True)
class Limits:
    """The limits; ECA_VIZ_MOST_VISITS=50 in the environment sets the first of them.

    Attributes:
        visits: at the same time; a page that is open is one, and for two minutes one that was
            closed, in case it is reloaded.
        images: uploaded images of one visit.
        megabytes: of the uploaded images of one visit.
        upload_megabytes: of all files of one visit, a checkpoint among them.
        server_megabytes: of all files of all visits.
        result_megabytes: of all results that are kept, those longest not asked for go first.
    """

    visits: int = 300
    images: int = 100
    megabytes: int = 300
    upload_megabytes: int = 1000
    server_megabytes: int = 4000
    result_megabytes: int = 500


def limits() -> Limits:
    """The limits as the environment sets them; what is no number is as if it were not set."""
    given = {
        field.name: os.environ.get(PREFIX + field.name.upper(), "") for field in fields(Limits)
    }
    return Limits(**{name: int(value) for name, value in given.items() if value.isdecimal()})


def too_much(sizes: Sequence[int]) -> Text | None:
    """Why a visit's last image is above its limits, if it is.

    Args:
        sizes: of the images of the visit in their order, in bytes.
    """
    most = limits()
    if len(sizes) > most.images:
        return textn(
            "A visit holds {n} image; remove it to look at another.",
            "A visit holds {n} images; remove some to look at others.",
            most.images,
        )
    if sum(sizes) > most.megabytes * 2**20:
        return text(
            "The images of a visit have {n} MB together at most; remove some to look at others.",
            n=most.megabytes,
        )
    return None


class _Visit:
    """Lives as long as the session that it stands in."""


_visits: MutableSet[_Visit] = weakref.WeakSet()


def admit() -> None:
    """Counts the visit; ends the page's run with a sentence where there are too many."""
    if state.COUNTED in st.session_state:
        return
    most = limits().visits
    if len(_visits) >= most:
        gc.collect()  # those that have ended may not be gone yet
    if len(_visits) >= most:
        st.warning(
            trn(
                "This app serves {n} visitor at a time, and one is here already. Come back in some"
                " minutes, or start the app on your own machine.",
                "This app serves {n} visitors at a time, and so many are here already. Come back in"
                " some minutes, or start the app on your own machine.",
                most,
            )
        )
        st.stop()
    visit = st.session_state[state.COUNTED] = _Visit()
    _visits.add(visit)
