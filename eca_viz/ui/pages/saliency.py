"""Saliency: Captum's methods side by side for one class."""

import dataclasses
from collections.abc import Mapping

import streamlit as st

from eca_viz import figures
from eca_viz.analysis.saliency import saliency_limits
from eca_viz.errors import EcaVizError
from eca_viz.locale.texts import text, tr
from eca_viz.records import Explanation, SaliencyMap
from eca_viz.saliency.registry import METHODS, find_method
from eca_viz.settings import Settings
from eca_viz.ui import long_work, state
from eca_viz.ui.components import address, class_picker, layer_picker, progress, settings, widgets
from eca_viz.ui.sections.scorecard import scorecard

MOST = 4
FIRST = ("grad_cam",)
PREDICTED = text("predicted class")
TITLES = {method.name: method.title for method in METHODS}


def render() -> None:
    """Draws the page."""
    explanation = widgets.current_explanation()
    target = class_picker.target(explanation, tr("Class to explain"), PREDICTED, key=state.TARGET)
    if target is None:
        return
    address.check(state.METHODS, text("saliency method"), list(TITLES.values()))
    names = st.multiselect(
        tr("Methods (up to {most})", most=MOST),
        list(TITLES),
        default=FIRST,
        max_selections=MOST,
        format_func=lambda name: tr(TITLES[name]),
        key=state.METHODS,
        bind="query-params",
    )
    left, right = st.columns(2, vertical_alignment="bottom")
    strength = left.slider(
        tr("Overlay strength"), 0.0, 1.0, 0.8, 0.05, key=state.STRENGTH, bind="query-params"
    )
    shared = right.toggle(
        tr("One scale for all maps of a kind"),
        key=state.SHARED,
        bind="query-params",
        help=tr(
            "Off: each map uses its own full range, to compare positions. "
            "On: signed maps share one range and unsigned ones another, to compare magnitudes."
        ),
    )
    if not names:
        st.info(tr("Choose at least one method."))
        return
    parameters = {name: _parameters(explanation, name) for name in names}
    label = widgets.plain(tr(explanation.label_of(target)))
    st.caption(
        tr("For the class **{label}**.", label=label)
        if explanation.predictions
        else tr("For **{label}**.", label=label)
    )
    found = _maps(explanation, target, parameters, strength, shared)
    st.caption(tr(figures.OVERLAY_MAPS))
    _below(dataclasses.replace(explanation, saliency=found))


def _below(explanation: Explanation) -> None:
    """Scorecard and downloads, which hold it once it is there.

    Not a fragment, in which the scorecard could not be stopped (see components/progress.py).
    """
    scorable = explanation.saliency and explanation.predictions
    scored = scorecard(explanation) if scorable else None
    if explanation.attention:
        layer_picker.link_to_channel()
    widgets.downloads(dataclasses.replace(explanation, scorecard=scored))


def _parameters(explanation: Explanation, name: str) -> Settings:
    """The method's own parameters, drawn from its declaration."""
    method = find_method(name)
    declared = method.declared([record.layer for record in explanation.attention])
    if not declared:
        return {}
    with st.expander(tr("Parameters of {method}", method=tr(method.title))):
        return {param.name: settings.setting(name, param) for param in declared}


def _maps(
    explanation: Explanation,
    target: int,
    parameters: Mapping[str, Settings],
    strength: float,
    shared: bool,
) -> tuple[SaliencyMap, ...]:
    """Computes what is missing, one after the other, then draws all on their scales."""
    columns = st.columns(len(parameters))
    places = {}
    for column, name in zip(columns, parameters, strict=True):
        column.header(tr(TITLES[name]))
        places[name] = column.empty()
    found = {}
    for name, given in parameters.items():
        try:
            with places[name].container():
                network = state.choice().network
                work = long_work.saliency(explanation, network, name, target, given)
                saliency = progress.stoppable(work, key=name, height=figures.OVERLAY_SIDE)
        except EcaVizError as error:
            places[name].error(tr(error))
            continue
        if saliency is not None:
            places[name].empty()  # else the skeleton stays below the map
            found[name] = saliency
    limits = saliency_limits(list(found.values()), shared)
    for (name, saliency), limit in zip(found.items(), limits, strict=True):
        with places[name].container():
            _draw(explanation, saliency, limit, strength)
    return tuple(found.values())


def _draw(explanation: Explanation, saliency: SaliencyMap, limit: float, strength: float) -> None:
    widgets.chart(
        figures.saliency_overlay(explanation.seen, saliency, limit=limit, strength=strength),
        key=f"map-{saliency.method}",
    )
    if not saliency.values.any():
        st.info(tr("Every value of this map is zero: the method attributes nothing to it."))


render()
