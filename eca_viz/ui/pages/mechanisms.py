"""Mechanisms: the steps from SE to ECA, counted, measured, and run on the image."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from eca_viz import figures
from eca_viz.analysis.ablation import finding, read_rows, summarise
from eca_viz.attention.variants import VARIANTS
from eca_viz.errors import EcaVizError
from eca_viz.paths import ABLATION, ASSETS
from eca_viz.records import Explanation, Row, Summary
from eca_viz.ui import cache, state
from eca_viz.ui.components import widgets
from eca_viz.ui.sections import mechanism_cards, mechanism_gates

TITLES = {variant.name: variant.title for variant in VARIANTS}


def render() -> None:
    """Draws the page."""
    st.markdown(
        "Each mechanism computes the gates **ω = σ(W y)** from the descriptor **y**; they differ "
        "in the structure of the C × C matrix **W**, that is in the receptive window of a gate "
        "across channels. SE factorises W through a bottleneck of C/r values; SE-Var2, without a "
        "bottleneck and without any interaction, already beat it in the paper; a full W (SE-Var3) "
        "did better with C² parameters; groups without interaction between them (SE-GC) gained "
        "nothing; a band (ECA-NS) did; and ECA shares the band's taps, so that **k parameters** "
        "take the place of C²."
    )
    try:
        rows = read_rows(ASSETS / ABLATION)
        explanations = cache.variants(state.choice().image)
    except EcaVizError as error:
        st.error(widgets.plain(str(error)))
        st.stop()
    mechanism_cards.draw({one.mechanism: one for one in summarise(rows)}, explanations)
    _measured(rows)
    if explanations:
        _predictions(explanations)
        mechanism_gates.draw(explanations)
        widgets.downloads_of_several(explanations)


def _measured(rows: list[Row]) -> None:
    st.subheader("Trained alike and measured")
    if not rows:
        st.info("No run is recorded yet; record them with: python -m eca_viz ablate --data DIR")
        return
    summaries = summarise([row for row in rows if row.mechanism in TITLES])
    widgets.chart(figures.accuracies(rows, TITLES), key="accuracies")
    st.markdown(finding(summaries))
    widgets.table(_table(summaries), "Mean and spread of the runs")


def _table(summaries: tuple[Summary, ...]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "mechanism": TITLES[one.mechanism],
            "seeds": one.runs,
            "top-1": round(one.top1, 4),
            "spread": one.spread,
            "top-5": round(one.top5, 4),
            "less ECA, same seeds": one.difference,
            "p (paired t-test)": one.p_value,
            "parameters": one.parameters,
            "in attention": one.attention_parameters,
            "seconds a run": round(one.seconds),
        }
        for one in summaries
    )


def _predictions(explanations: Mapping[str, Explanation]) -> None:
    st.subheader("Your image through all of them")
    seen, probabilities = st.columns([1, 3])
    one = next(iter(explanations.values()))
    with seen:
        st.image(one.seen, width=220, alt=one.image.name)
        side = one.seen.shape[0]
        st.caption(f"{state.choice().credit}. Input of each network: {side} pixels a side.")
    with probabilities:
        titles = [TITLES[name] for name in explanations]
        widgets.chart(
            figures.class_probabilities(titles, list(explanations.values())),
            key="class_probabilities",
        )


render()
