"""Addresses of the app that somebody made up."""

import logging
from collections.abc import Iterator

from eca_viz.images import bounded
from eca_viz.ui import state
from tests.hostile.measured import Case
from tests.ui.factories import healthy, make_app

MOST = 600
ESCAPES = "\x1b]0;owned\x07\n\u202e"

# Key of the address and its value: what is not there, said in a warning.
ASKED: tuple[tuple[str, str], ...] = (
    *((state.CHANNEL, number) for number in ("1e400", "-1e400", "9" * 5000, "nan", "-1")),
    (state.LAYER, ESCAPES),
    (state.LAYER, "x" * 5000),
    (state.IMAGE, "upload-0123456789abcdef"),
    (state.IMAGE, "cat"),  # it is called Cat, and Streamlit takes no other
    (state.NETWORK, "/etc/passwd"),
    (state.SOURCE, "<script>alert(1)</script>"),
)
# What cannot be pinned for comparison, said in an error.
PINNED = (
    "upload-0123456789abcdef/x",
    "//",
    "a/b/c/d",
    f"coffee/{ESCAPES}",
    "coffee/../../etc/passwd",
)


def cases(full: bool) -> Iterator[Case]:
    """An address of nothing, then the others; the same whether `full` or not."""
    # AppTest sets the address outside of a run, which Streamlit warns of.
    logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context").disabled = True
    asked = (("", ""), *ASKED, *((state.PIN, value) for value in PINNED))
    for key, value in asked:
        name = repr(f"?{key}={value}")[1:-1][:60] if key else "ordinary"
        yield Case(name, lambda key=key, value=value: _said(key, value), "." if key else "^$")
    bounded.end()


def _said(key: str, value: str) -> str:
    """The sentence that a page opened by an address shows."""
    app = make_app()
    if key:
        app.query_params[key] = value
    healthy(app.run())
    said = [one.value for one in (*app.warning, *app.error)]
    assert len(said) <= 1, said
    return "".join(said)
