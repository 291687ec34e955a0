"""The scorecard below the saliency maps, computed only on request."""

from collections.abc import Hashable, Sequence
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from eca_viz import figures
from eca_viz.analysis.saliency import SCORE_COLUMNS, curve_table, nothing_to_score, score_table
from eca_viz.errors import EcaVizError
from eca_viz.locale.texts import text, tr
from eca_viz.records import Explanation, MapScore, Scorecard
from eca_viz.ui import cache, long_work, state
from eca_viz.ui.components import frames, progress, widgets

OFFER = text(
    "Tests each map against the network: how the probability of the class drops when the marked "
    "pixels are removed and rises when they are put back, whether the map predicts the score drop "
    "of a masked part, whether it is stable under slight noise, and whether it depends on the "
    "trained weights. Each map is made four more times and the network runs on 66 changed images "
    "for it."
)


def scorecard(explanation: Explanation) -> Scorecard | None:
    """Offers, computes or draws the scorecard of the explanation's maps."""
    st.header(tr("Scorecard"))
    network, scored = state.choice().network, list[MapScore]()
    # One place for offer and progress: else the bar of a stopped run stays below the offer.
    place, rows = st.empty(), st.empty()

    def show(score: MapScore) -> None:
        scored.append(score)
        with rows.container():
            _table(scored)

    work = long_work.scorecard(explanation, network, show)
    try:
        if not cache.known(work) and work.key not in state.wanted():
            _offer(place, explanation, network, work.key)
            return None
        with place.container():
            stop = partial(state.wanted().discard, work.key)
            found = progress.computed(work, key="scorecard", height=200, stop=stop)
    except EcaVizError as error:
        place.error(widgets.plain(tr(error)))
        return None
    place.empty()
    rows.empty()
    _draw(found)
    return found


def _offer(
    place: DeltaGenerator, explanation: Explanation, network: state.NetworkChoice, key: Hashable
) -> None:
    seconds = cache.scorecard_seconds(explanation, network)
    with place.container():
        time = tr("About {seconds:.0f} s on this machine.", seconds=max(seconds, 1))
        st.caption(f"{tr(OFFER)} {time}")
        st.button(tr("Score these maps"), key="score", on_click=state.wanted().add, args=(key,))


def _draw(found: Scorecard) -> None:
    if found.flat:
        st.info(tr(nothing_to_score(found)))
    if not found.scores:
        return
    _table(found.scores)
    widgets.charts(
        {
            "insertion": figures.score_curves(found, "insertion"),
            "deletion": figures.score_curves(found, "deletion"),
        }
    )
    widgets.table(curve_table(found), tr("The curves as a table"))
    with st.expander(tr("How to read each score")):
        st.markdown(
            "\n".join(f"- **{tr(name)}**: {tr(how)}" for name, how in SCORE_COLUMNS.items())
        )
    label = widgets.plain(tr(found.target.label))
    st.caption(
        tr("For the class **{label}**, {seconds:.1f} s.", label=label, seconds=found.seconds)
    )


def _table(scores: Sequence[MapScore]) -> None:
    columns = {
        name: st.column_config.NumberColumn(help=tr(reading), format="%.3f")
        for name, reading in SCORE_COLUMNS.items()
    }
    frames.draw(score_table(scores), columns)
