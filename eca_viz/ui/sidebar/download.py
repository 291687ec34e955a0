"""Downloads of networks, which begin with a click and never with a link."""

import streamlit as st

from eca_viz.locale.texts import text, tr
from eca_viz.networks.registry import find_listed, is_bundled
from eca_viz.ui import state
from eca_viz.ui.components import widgets

# The source of networks that needs none.
BUNDLED = text("Bundled")


def needed(name: str) -> bool:
    """Whether opening the network of this name begins with a download."""
    return not (is_bundled(name) or find_listed(name).on_disk())


def wanted(name: str) -> bool:
    """Whether the person asked for this download in this visit."""
    return ("download", name) in state.wanted()


def want(name: str) -> None:
    """Notes that the person asked for a download, if one is needed."""
    state.wanted().add(("download", name))


def want_picked() -> None:
    """`want` for the network that was picked a moment ago."""
    want(st.session_state[state.HUB])


def offer(name: str, key: str) -> None:
    """Says what a link asks for, with a button that downloads it.

    Args:
        name: of the network.
        key: ends the button's key.
    """
    row = find_listed(name)
    st.info(
        tr(
            "The link names {network}, which is not on this machine. It is downloaded once, "
            "{megabytes:.0f} MB.",
            network=widgets.plain(tr(row.title)),
            megabytes=row.megabytes,
        )
    )
    st.button(tr("Download it"), on_click=want, args=(name,), key=f"download_{key}")


def stop_button(key: str) -> None:
    """A button that goes back to a bundled network; `key` ends its key."""
    st.button(tr("Stop the download"), on_click=_stop, key=f"stop_{key}")


def _stop() -> None:
    st.session_state[state.SOURCE] = BUNDLED
