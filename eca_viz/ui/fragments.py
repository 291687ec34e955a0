"""Parts of a page that run again on their own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from eca_viz.ui import fallback, language
from eca_viz.ui.turns import PAGES, tell

P = ParamSpec("P")


def fragment(function: Callable[P, None]) -> Callable[P, None]:
    """`st.fragment` in the language of the visit, and in its turn, as the page's own run is."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        language.begin()
        with PAGES.turn(tell), _sent_whole():
            function(*args, **kwargs)
            fallback.tell()

    return st.fragment(run)


@contextmanager
def _sent_whole() -> Iterator[None]:
    """Inside the block no chart is sent as a reference to one that the browser keeps.

    A fragment that begins anew drops what its last run left unsent, but Streamlit does not see
    that a reference belongs to a fragment: it is sent without the columns around it, and the
    browser, which has no place for it, shows an empty page.
    """
    context = get_script_run_ctx()
    if context is None:
        yield
        return
    kept, context.cached_message_hashes = context.cached_message_hashes, frozenset()
    try:
        yield
    finally:
        context.cached_message_hashes = kept
