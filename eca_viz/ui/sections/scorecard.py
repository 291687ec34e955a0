"""The scorecard below the saliency maps, computed only when someone asks for it."""

from functools import partial

import streamlit as st

from eca_viz import figures
from eca_viz.analysis.saliency import SCORE_COLUMNS, curve_table, nothing_to_score, score_table
from eca_viz.errors import EcaVizError
from eca_viz.figures import captions
from eca_viz.records import Explanation, Scorecard
from eca_viz.ui import cache, state
from eca_viz.ui.components import progress as work
from eca_viz.ui.components import widgets

OFFER = (
    "Holds each map against the network: what happens to the class when the marked pixels go or "
    "come back, how well the map tells what painting a part over does, whether it stays under "
    "slight noise, and whether it needs what the network learnt. It makes each map four times more "
    "and shows the network 66 changed photographs for it, so it takes a while."
)


def scorecard(explanation: Explanation) -> Scorecard | None:
    """Offers, computes or draws the scorecard of the explanation's maps."""
    st.subheader("Scorecard")
    key = cache.scorecard_key(explanation)
    found: Scorecard | None = cache.known(key)
    # One place for offer and progress: else the bar of a stopped run stays below the offer.
    place = st.empty()
    if found is None and key not in state.wanted():
        with place.container():
            st.caption(OFFER)
            st.button("Score these maps", key="score", on_click=state.wanted().add, args=(key,))
        return None
    if found is None:
        try:
            with place.container():
                found = work.watched(
                    "Scorecard",
                    partial(cache.scorecard, explanation, state.choice().network),
                    partial(state.wanted().discard, key),
                    key="scorecard",
                    height=300,
                )
        except EcaVizError as error:
            place.error(widgets.plain(str(error)))
            return None
        place.empty()
    _draw(found)
    return found


def _draw(found: Scorecard) -> None:
    if found.flat:
        st.info(nothing_to_score(found))
    if not found.scores:
        return
    label = found.target.label
    left, right = st.columns(2)
    with left:
        widgets.chart(
            figures.score_curves(found, "insertion"),
            key="insertion",
            alt=f"Probability of {label} while pixels are put back, a line for each map",
        )
    with right:
        widgets.chart(
            figures.score_curves(found, "deletion"),
            key="deletion",
            alt=f"Probability of {label} while pixels are painted over, a line for each map",
        )
    st.caption(captions.SCORES)
    widgets.table(curve_table(found), "The curves as a table")
    columns = {
        name: st.column_config.NumberColumn(help=reading, format="%.3f")
        for name, reading in SCORE_COLUMNS.items()
    }
    st.dataframe(score_table(found), hide_index=True, column_config=columns)
    with st.expander("How to read each score"):
        st.markdown("\n".join(f"- **{name}**: {text}" for name, text in SCORE_COLUMNS.items()))
    st.caption(f"For the class **{widgets.plain(label)}**, {found.seconds:.1f} s.")
