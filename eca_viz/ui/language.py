"""The language of a visit: chosen in the sidebar, else that of the browser; kept in the address.

Streamlit writes the texts of options and tabs into the address. So that a link means the same in
every language, the browser writes their English (`browser.js`), and what comes in from the address
is translated here before a widget reads it.
"""

from collections.abc import Mapping
from functools import cache

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from eca_viz.locale import texts
from eca_viz.ui import state

# What these hold is not translated: ids and names, which may be words of the catalogue, as `gate`.
_AS_THEY_ARE = (
    state.HUB,
    state.LAYER,
    state.STAGE,
    state.PIN,
    state.LESSON_STEP,
    state.LESSON_PATH,
    state.LESSON,
)
# What a person writes into an address, and what Streamlit's widgets keep there in its place.
_WRITTEN_BY_HAND: Mapping[str, Mapping[str, str]] = {
    state.LANGUAGE: texts.LANGUAGES,
    state.PRESENT: {"1": "true"},
}
_BY_TITLE = {title: language for language, title in texts.LANGUAGES.items()}


def begin() -> None:
    """Speaks the language of the visit; to be called before anything of a page is drawn."""
    language = st.session_state.get(state.LANGUAGE) or _asked()
    texts.speak(language)
    _translate_address()
    if st.session_state.get(state.SPOKEN, language) != language:
        _translate_tabs()
    st.session_state[state.SPOKEN] = language


def pick() -> None:
    """The picker of the language, to stand in the sidebar."""
    picked = st.radio(
        "Language · 语言",
        list(texts.LANGUAGES),
        list(texts.LANGUAGES).index(_of_browser()),
        format_func=texts.LANGUAGES.__getitem__,
        key=state.LANGUAGE,
        bind="query-params",
        horizontal=True,
    )
    if picked != texts.spoken():
        st.rerun()


def sentence(error: Exception) -> str:
    """What an error says, to be kept and translated where it is shown: a Text, where it has one."""
    said = error.args[0] if error.args else ""
    return said if isinstance(said, texts.Text) else str(error)


def originals() -> Mapping[str, str]:
    """What stands in the address in place of a text of an option or a tab, by that text."""
    made = {texts.tr(title): english for english, title in _titles().items()}
    return {**_BY_TITLE, **texts.short_originals(), **made}


def _of_browser() -> str:
    asked = (st.context.locale or "").partition("-")[0]
    return asked if asked in texts.LANGUAGES else texts.ENGLISH


def _asked() -> str:
    asked = st.query_params.get(state.LANGUAGE, "")
    asked = _BY_TITLE.get(asked, asked)
    return asked if asked in texts.LANGUAGES else _of_browser()


def _translate_address() -> None:
    context = get_script_run_ctx()
    if context is None:
        return
    with context.session_state.query_params() as address:
        for key in [key for key in address if key not in _AS_THEY_ARE]:
            values = address.get_all(key)
            known = _WRITTEN_BY_HAND.get(key, {})
            translated = [known.get(value, _translated(value)) for value in values]
            if translated != values:
                address.set_with_no_forward_msg(key, translated)
        address.set_initial_query_params_from_current()


def _translate_tabs() -> None:
    """The open tabs are known by their texts."""
    for key in state.TABS:
        value = st.session_state.get(key)
        if isinstance(value, str) and value != (translated := _translated(value)):
            st.session_state[key] = translated


def _translated(value: str) -> str:
    return texts.tr(_titles().get(value) or texts.english(value))


@cache
def _titles() -> Mapping[str, texts.Text]:
    """Titles of networks, which no catalogue holds as they are, by their English."""
    from eca_viz.networks.registry import NETWORKS

    return {str(one.title): one.title for one in NETWORKS if isinstance(one.title, texts.Text)}
