"""What if: change the gates, see the prediction move, and measure which gates matter."""

import contextlib
from dataclasses import replace
from functools import partial

import streamlit as st

from eca_viz import figures
from eca_viz.analysis import class_matching, comparison
from eca_viz.analysis.attention import gate_range
from eca_viz.errors import EcaVizError
from eca_viz.figures.drawn import caption_of
from eca_viz.locale.texts import text, tr
from eca_viz.records import Comparison, Explanation
from eca_viz.ui import cache, state
from eca_viz.ui.components import tabs, widgets
from eca_viz.ui.sections import gate_changes, gate_effects, saliency_pair
from eca_viz.ui.sidebar import pin


def render() -> None:
    """Draws the page."""
    before = widgets.with_attention(widgets.current_explanation())
    changes, record = gate_changes.pick(before)
    after = _changed(changes)
    found = comparison.compare(after, before)
    _verdict(before, after)
    _predictions(found)
    tabs.draw(
        {
            text("All layers"): partial(_overview, found),
            text("Saliency"): partial(saliency_pair.of_prediction, found),
            text("Which gates matter"): partial(gate_effects.draw, before, record),
        },
        key=state.WHAT_IF_TAB,
    )
    widgets.downloads_of_several(
        {"changed": after, "as_trained": before},
        {
            "predictions": class_matching.prediction_table(found),
            "layers": comparison.layer_table(found),
        },
    )


def _changed(changes: tuple[str, ...]) -> Explanation:
    """With all changes, or without those that do not fit, each of which gets an error message."""
    choice, fitting, place = state.choice(), list[str](), st.container()
    with contextlib.suppress(EcaVizError):
        return cache.explanation(choice.image, choice.network, changes)
    for change in changes:
        try:
            cache.explanation(choice.image, choice.network, (*fitting, change))
        except EcaVizError as error:
            place.error(tr("Left out: {reason}", reason=widgets.plain(tr(error))))
        else:
            fitting.append(change)
    return cache.explanation(choice.image, choice.network, tuple(fitting))


def _verdict(before: Explanation, after: Explanation) -> None:
    st.header(widgets.plain(tr(class_matching.change(before, after))))
    words, button = st.columns([4, 1])
    with words:
        st.caption(
            tr(
                "**After** is with {changes}, **before** is as trained; everything else stays, so "
                "every difference comes from the gates.",
                changes=widgets.plain(" ".join(after.gates)),
            )
        )
    with button:
        changed = replace(state.choice(), gates=after.gates)
        pin.button(changed, key="pin_changed", label=text("Pin the change as A"))


def _predictions(found: Comparison) -> None:
    if not found.b.predictions:
        st.image(found.b.seen, width=300, alt=found.b.image.name)
        st.caption(f"{tr(state.choice().credit)}  \n{widgets.predictions_note(found.b)}")
        return
    table = class_matching.prediction_table(found)
    seen, both, apart = st.columns([1, 2, 2])
    with seen:
        st.image(found.b.seen, width="stretch", alt=found.b.image.name)
        st.caption(tr(state.choice().credit))
    with both:
        drawn = figures.comparison_predictions(table, changed_gates=True)
        caption = caption_of(drawn)
        widgets.chart(drawn, key="changed_predictions", caption="")
    with apart:
        drawn = figures.difference_predictions(table, changed_gates=True)
        widgets.chart(drawn, key="moved_predictions", caption="")
    st.caption(f"{caption} {widgets.predictions_note(found.b)}")


def _overview(found: Comparison) -> None:
    span = gate_range([*found.a.attention, *found.b.attention])
    widgets.charts(
        {
            "changed_overview": figures.overview(found.a.attention, span=span),
            "moved_overview": figures.comparison_overview(found, changed_gates=True),
        }
    )
    widgets.table(comparison.layer_table(found), tr("The layers as a table"))


render()
