"""The sidebar's last part: what is pinned as A, the first side of a comparison."""

import streamlit as st

from eca_viz.errors import ImageError
from eca_viz.images.samples import find_sample
from eca_viz.locale.texts import Text, text, tr
from eca_viz.ui import cache, state
from eca_viz.ui.components import widgets
from eca_viz.ui.sidebar import network_picker

PIN = text("Pin as A")


def draw() -> None:
    """Draws the buttons and what is pinned; takes over what a link says."""
    linked = st.query_params.get(state.PIN, "")
    pinned, choice = state.pinned(), state.choice()
    if pinned is None and linked:
        pinned = _from_link(linked)
    if pinned is not None and (state.pinned() is None or pinned.link != linked):
        state.pin(pinned)
    st.markdown(tr("Compare"))
    if pinned is not None:
        st.caption(tr("**A** is {pinned}", pinned=title(pinned)))
        if not pinned.link:
            st.caption(tr("A holds a file of yours, so the link in the address bar leaves it out."))
    button(choice, key="pin")
    if pinned is not None or linked:
        st.button(tr("Unpin"), on_click=state.pin, args=(None,), key="unpin", width="stretch")


def button(choice: state.Choice, *, key: str, label: Text = PIN) -> None:
    """Pins a choice as A; disabled where it is A already.

    Args:
        choice: what is pinned on a click.
        key: of the button.
        label: of the button, a Text.
    """
    pinned = state.pinned()
    st.button(
        tr(label),
        on_click=state.pin,
        args=(choice,),
        disabled=pinned is not None and pinned.result == choice.result,
        help=tr(
            "Keeps this image, this network and the state of its gates. The page Compare compares "
            "them with what you choose next."
        ),
        key=key,
        width="stretch",
    )


def title(choice: state.Choice) -> str:
    """Image, network and changes of its gates, as Markdown."""
    sample = choice.image.sample
    image = tr(find_sample(sample).title) if sample else choice.image.name
    parts = [image, tr(choice.network.title)]
    if choice.gates:
        parts.append(tr("gates changed: {changes}", changes=" ".join(choice.gates)))
    return " · ".join(widgets.plain(part) for part in parts)


def _from_link(value: str) -> state.Choice | None:
    """The choice that a link means; None after saying why there is none."""
    image, name, gates = [*value.split("/", 2), "", ""][:3]
    try:
        sample = find_sample(image)
    except ImageError as error:
        said = tr("{problem}; this one is pinned in the link", problem=tr(error))
        st.error(widgets.plain(said))
        return None
    network = network_picker.named(name)
    if network is None:
        return None
    return state.Choice(network, cache.sample(image), sample.credit_line, tuple(gates.split()))
