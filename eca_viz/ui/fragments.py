"""Parts of a page that run again on their own."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import streamlit as st

from eca_viz.ui import fallback, language
from eca_viz.ui.turns import PAGES, tell

P = ParamSpec("P")


def fragment(function: Callable[P, None]) -> Callable[P, None]:
    """`st.fragment` in the language of the visit, and in its turn, as the page's own run is."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        language.begin()
        with PAGES.turn(tell):
            function(*args, **kwargs)
            fallback.tell()

    return st.fragment(run)
