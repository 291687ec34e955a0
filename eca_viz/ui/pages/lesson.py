"""Lesson: one idea a step, from what a channel is to what a gate does not say."""

import streamlit as st

from eca_viz.errors import EcaVizError
from eca_viz.locale.texts import tr
from eca_viz.records import Explanation
from eca_viz.ui import state
from eca_viz.ui.components import layer_picker, picture, progress, widgets, zip_button
from eca_viz.ui.fragments import fragment
from eca_viz.ui.lesson import ahead
from eca_viz.ui.lesson.material import Material
from eca_viz.ui.lesson.step import Picture, Step
from eca_viz.ui.pages import find_page
from eca_viz.ui.sections import lesson_end, lesson_guess, lesson_path

FIGURE = 380  # pixels, about those of a figure


def render() -> None:
    """Draws the page."""
    _lesson(widgets.with_attention(widgets.current_explanation()))


@fragment
def _lesson(explanation: Explanation) -> None:
    """The step at hand; another one reruns it alone."""
    state.rerun_if_outdated(lesson=False)
    state.drawn().clear()
    state.pictures().clear()
    material = Material(explanation, state.choice().network)
    with st.container(key="lesson"):
        step = lesson_path.pick()
        state.note_drawn()
        if step is None:
            lesson_end.draw(material)
            layer_picker.link_to_channel()
        else:
            _draw(step, material)
    if not state.presenting():
        lesson_end.for_the_teacher(step)
        st.subheader(tr("Downloads"))
        zip_button.inside({"lesson": explanation}, "lesson.zip", {})
    ahead.prepare(lesson_path.after(step), material)


def _draw(step: Step, material: Material) -> None:
    words, seen = st.columns([3, 1] if step.wide else [2, 3], gap="large")
    shown = None
    try:
        work = step.work(material)
        if work is not None and (step.question is None or step.id in state.guesses()):
            with seen:
                progress.computed(work, height=FIGURE)
        with words:
            chosen = _words(step, material)
        with seen:
            if chosen is None:
                st.info(tr("The figure follows your guess."))
            else:
                shown = step.picture(chosen)
                _show(shown)
    except EcaVizError as error:
        st.error(widgets.plain(tr(error)))
    if shown is not None and shown.drawing is not None:
        picture.draw(shown.drawing, key="block")


def _words(step: Step, material: Material) -> Material | None:
    """Text, question and link; returns what the picture is made of, None before the guess."""
    st.header(tr(step.title))
    if not (state.presenting() and step.id in state.guesses()):  # read before the guess
        st.markdown(tr(step.text))
    chosen: Material | None = material
    if step.question is not None and not lesson_guess.draw(step, step.question, material):
        chosen = None
    elif step.channels:
        chosen = Material(material.explanation, material.network, _channels(step))
    if chosen is not None:
        st.markdown(f":material/check_circle: **{tr(step.done)}**")
    if not state.presenting():
        page = find_page(step.view.page)
        st.page_link(
            page.script,
            label=f"{tr(page.title)}: {tr(step.view.label)}",
            icon=page.icon,
            query_params={
                **step.view.address(material),
                **lesson_path.carried(),
                state.LESSON: step.id,
            },
        )
    return chosen


def _channels(step: Step) -> int:
    return st.select_slider(
        tr("Channels C"), step.channels, value=512, key=state.LESSON_CHANNELS, bind="query-params"
    )


def _show(shown: Picture) -> None:
    """The figures side by side, each with its title, then one caption below all."""
    one = len(shown.figures) == 1 and not shown.titles
    with st.container(key="lesson_screen" if one and state.presenting() else None):
        if one:
            ((key, figure),) = shown.figures.items()
            if state.presenting():  # as high as the words below it leave room: see presenting.css
                widgets.chart(figure, key=key, height="stretch", caption="")
            else:
                widgets.chart(figure, key=key)
        elif shown.figures:
            _side_by_side(shown)
        st.markdown(shown.said)


def _side_by_side(shown: Picture) -> None:
    columns = st.columns(len(shown.figures))
    titles = shown.titles or ("",) * len(columns)
    parts = zip(columns, titles, shown.figures.items(), strict=True)
    for column, title, (key, figure) in parts:
        with column:
            st.markdown(title)
            widgets.chart(figure, key=key, caption="")


render()
