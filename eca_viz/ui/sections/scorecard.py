"""The scorecard below the saliency maps, computed only on request."""

from collections.abc import Hashable, Sequence
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from eca_viz import figures
from eca_viz.analysis.saliency import SCORE_COLUMNS, curve_table, nothing_to_score, score_table
from eca_viz.errors import EcaVizError
from eca_viz.records import Explanation, MapScore, Scorecard
from eca_viz.ui import cache, long_work, state
from eca_viz.ui.components import progress, widgets

OFFER = (
    "Tests each map against the network: how the probability of the class drops when the marked "
    "pixels are removed and rises when they are put back, whether the map predicts the score drop "
    "of a masked part, whether it is stable under slight noise, and whether it depends on the "
    "trained weights. Each map is made four more times and the network runs on 66 changed images "
    "for it."
)


def scorecard(explanation: Explanation) -> Scorecard | None:
    """Offers, computes or draws the scorecard of the explanation's maps."""
    st.header("Scorecard")
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
        place.error(widgets.plain(str(error)))
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
        st.caption(f"{OFFER} About {max(seconds, 1):.0f} s on this machine.")
        st.button("Score these maps", key="score", on_click=state.wanted().add, args=(key,))


def _draw(found: Scorecard) -> None:
    if found.flat:
        st.info(nothing_to_score(found))
    if not found.scores:
        return
    _table(found.scores)
    widgets.charts(
        {
            "insertion": figures.score_curves(found, "insertion"),
            "deletion": figures.score_curves(found, "deletion"),
        }
    )
    widgets.table(curve_table(found), "The curves as a table")
    with st.expander("How to read each score"):
        st.markdown("\n".join(f"- **{name}**: {text}" for name, text in SCORE_COLUMNS.items()))
    st.caption(f"For the class **{widgets.plain(found.target.label)}**, {found.seconds:.1f} s.")


def _table(scores: Sequence[MapScore]) -> None:
    columns = {
        name: st.column_config.NumberColumn(help=reading, format="%.3f")
        for name, reading in SCORE_COLUMNS.items()
    }
    st.dataframe(score_table(scores), hide_index=True, column_config=columns)
