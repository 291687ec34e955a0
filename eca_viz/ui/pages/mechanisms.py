"""Mechanisms: the steps from SE to ECA, counted, measured, and run on the image."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from eca_viz import figures
from eca_viz.analysis.ablation import finding, read_rows, summarise
from eca_viz.errors import EcaVizError
from eca_viz.locale.texts import listed, text, tr
from eca_viz.paths import ABLATION, ASSETS
from eca_viz.records import Explanation, Row, Summary
from eca_viz.ui import cache, state
from eca_viz.ui.components import layer_picker, tabs, widgets, zip_button
from eca_viz.ui.fragments import fragment
from eca_viz.ui.sections import mechanism_cards, mechanism_gates
from eca_viz.ui.sections.mechanism_story import TITLES, in_order

if TYPE_CHECKING:
    import pandas as pd


def render() -> None:
    """Draws the page."""
    try:
        rows = read_rows(ASSETS / ABLATION)
    except EcaVizError as error:
        st.error(widgets.plain(tr(error)))
        st.stop()
    summaries = in_order({one.mechanism: one for one in summarise(rows)})
    mechanism_cards.draw(summaries)
    _parts(rows, tuple(summaries.values()))


@fragment
def _parts(rows: Sequence[Row], summaries: Sequence[Summary]) -> None:
    """The tabs, and what can be downloaded of the open one; another tab reruns them alone."""
    used: dict[str, Explanation] = {}
    tabs.draw(
        {
            text("Accuracy"): partial(_measured, rows, summaries),
            text("Same image through all"): partial(_explained, used, _through_all),
            text("How alike"): partial(_explained, used, mechanism_gates.draw_similarity),
            text("What one channel changes"): partial(
                _explained, used, mechanism_gates.draw_responses
            ),
        },
        key=state.MECHANISMS_TAB,
    )
    st.subheader(tr("Downloads"))
    zip_button.inside(used, "mechanisms.zip", {"accuracies": _table(summaries)})


def _measured(rows: Sequence[Row], summaries: Sequence[Summary]) -> None:
    st.header(tr("Trained alike and measured"))
    if not rows:
        st.info(tr("No run is recorded yet; record them with: python -m eca_viz ablate --data DIR"))
        return
    titles = {name: tr(title) for name, title in TITLES.items()}
    widgets.chart(figures.accuracies(rows, titles), key="accuracies")
    st.markdown(tr(finding(summaries, titles)))
    widgets.table(_table(summaries), tr("Mean and spread of the runs"))


def _table(summaries: Sequence[Summary]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        {
            text("mechanism"): TITLES[one.mechanism],
            text("seeds"): one.runs,
            "top-1": round(one.top1, 4),
            text("spread"): one.spread,
            "top-5": round(one.top5, 4),
            text("less ECA, same seeds"): one.difference,
            text("p (paired t-test)"): one.p_value,
            text("parameters"): one.parameters,
            text("in attention"): one.attention_parameters,
            text("seconds a run"): round(one.seconds),
        }
        for one in summaries
    )


def _explained(
    used: dict[str, Explanation], draw: Callable[[dict[str, Explanation]], None]
) -> None:
    """Draws the image through the shipped networks, and adds it to what the page uses."""
    try:
        used |= in_order(cache.variants(state.choice().image))
    except EcaVizError as error:
        st.error(widgets.plain(tr(error)))
    else:
        draw(used)


def _through_all(explanations: Mapping[str, Explanation]) -> None:
    _predictions(explanations)
    mechanism_gates.draw_gates(explanations)
    layer_picker.link_to_channel()


def _predictions(explanations: Mapping[str, Explanation]) -> None:
    st.header(tr("Your image through all of them"))
    seen, probabilities = st.columns([1, 3])
    one = next(iter(explanations.values()))
    with seen:
        st.image(one.seen, width=220, alt=one.image.name)
        side = one.seen.shape[0]
        st.caption(
            tr(
                "{credit}. Input of each network: {side} pixels a side.",
                credit=tr(state.choice().credit),
                side=side,
            )
        )
    with probabilities:
        titles = [tr(TITLES[name]) for name in explanations]
        widgets.chart(
            figures.class_probabilities(titles, list(explanations.values())),
            key="class_probabilities",
        )
        shares = listed(
            f"{tr(TITLES[name])} {one.familiarity:.0%}"
            for name, one in explanations.items()
            if one.familiarity is not None
        )
        st.caption(tr("Familiarity of the image to each network: {shares}.", shares=shares))


render()
