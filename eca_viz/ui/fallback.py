"""Says on the page that networks left their device."""

import sys
from collections.abc import Iterable

import streamlit as st

from eca_viz.locale.texts import Text, text, tr
from eca_viz.paths import DEVICE_VARIABLE
from eca_viz.ui import state


def tell() -> None:
    """Says it once to each visit that looks at the networks; it stays until it is closed."""
    device = sys.modules.get("eca_viz.networks.device")  # needs PyTorch, the first page does not
    chosen = st.session_state.get(state.CHOICE)
    if device is None or chosen is None:
        return

    def new(digests: Iterable[str]) -> list[Text]:
        found = [device.fell_back[one] for one in digests if one in device.fell_back]
        return [sentence for sentence in dict.fromkeys(found) if sentence not in state.told()]

    sentences = new(one.network.sha256 for one in (chosen, state.pinned()) if one is not None)
    variants = [one for one in new(sorted(state.variants_seen())) if one not in sentences]
    state.told().update(sentences, variants)
    if len(variants) > 1:  # one for all, where each would hide the page under the next
        variants = [
            text(
                "{n} networks of mechanisms ran out of memory on their device and compute on the "
                "CPU instead; free memory there, or set {variable}=cpu",
                n=len(variants),
                variable=DEVICE_VARIABLE,
            )
        ]
    for sentence in (*sentences, *variants):
        st.toast(tr(sentence), icon=":material/memory_alt:", duration="infinite")
