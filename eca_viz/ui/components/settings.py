"""Widgets for what a saliency method or a change of the gates declares as its settings."""

import streamlit as st

from eca_viz.locale.texts import tr
from eca_viz.saliency.registry import METHODS
from eca_viz.settings import Choice, Param
from eca_viz.ui import state

_TITLES = {method.name: method.title for method in METHODS}


def setting(owner: str, declared: Param | Choice) -> float | str:
    """A slider for a number, a picker for one of several names."""
    if isinstance(declared, Param):
        return number(owner, declared)
    return st.selectbox(
        tr(declared.title),
        declared.options,
        declared.options.index(declared.default),
        format_func=_title,
        key=state.setting_key(owner, declared.name),
        bind="query-params",
    )


def _title(option: str) -> str:
    return tr(_TITLES.get(option, option))


def number(owner: str, declared: Param) -> float:
    """A slider."""
    return st.slider(
        tr(declared.title),
        declared.low,
        declared.high,
        declared.default,
        declared.step,
        key=state.setting_key(owner, declared.name),
        bind="query-params",
    )
