"""The end of the lesson: which guesses held; and notes for one who teaches."""

import streamlit as st

from eca_viz.errors import EcaVizError
from eca_viz.locale.texts import listed, tr
from eca_viz.ui import state
from eca_viz.ui.components import widgets
from eca_viz.ui.lesson.material import Material
from eca_viz.ui.lesson.step import Step
from eca_viz.ui.sections import lesson_guess, lesson_path


def draw(material: Material) -> None:
    """Each guess of this visit beside the right answer; dynamic ones for the image at hand."""
    st.header(tr("What you guessed"))
    asked = [step for step in lesson_path.steps() if step.question is not None]
    guesses = {
        step.id: place
        for step in asked
        if (place := state.guesses().get(step.id)) not in {None, lesson_guess.SKIPPED}
    }
    if not guesses:
        st.markdown(tr("No guess yet. The steps that ask are: {steps}.", steps=_titles(asked)))
        return
    try:
        held = _lines(asked, guesses, material)
    except EcaVizError as error:
        st.error(widgets.plain(tr(error)))
        return
    st.markdown(tr("**{held} of {guesses}** guesses held.", held=held, guesses=len(guesses)))
    if open_ := [step for step in asked if step.id not in guesses]:
        st.markdown(tr("Not guessed: {steps}.", steps=_titles(open_)))


def _titles(steps: list[Step]) -> str:
    return listed(f"*{tr(step.title)}*" for step in steps)


def _lines(asked: list[Step], guesses: dict[str, int], material: Material) -> int:
    """A row for each guess; returns how many held."""
    # Translators: the head of a table: the right answer stands below "right".
    rows, held = [tr("| step | your guess | right |"), "| --- | --- | --- |"], 0
    for step in asked:
        question = step.question
        if question is None or step.id not in guesses:
            continue
        answers, right = question.answers, None
        if question.applies(material):
            right = question.right_answer(material)
        said = tr("not asked of this network") if right is None else tr(answers[right])
        held += guesses[step.id] == right
        rows.append(f"| {tr(step.title)} | {tr(answers[guesses[step.id]])} | {said} |")
    st.markdown("\n".join(rows))
    return held


def for_the_teacher(current: Step | None) -> None:
    """What each step needs, what to ask, and what to set right."""
    fold = st.expander(tr("For the teacher"), key=state.LESSON_NOTES, on_change="rerun")
    if not fold.open:
        return
    with fold:
        if current is not None:
            note = current.teacher
            notes = (
                tr("**This step needs:** {needs}", needs=note.needs),
                tr("**Ask:** {question}", question=note.ask),
                tr("**To set right:** {correction}", correction=note.correction),
            )
            st.markdown("  \n".join(notes))
        rows = [tr("| step | needs | ask | to set right |"), "| --- | --- | --- | --- |"]
        rows += [
            f"| {tr(step.title)} | {tr(step.teacher.needs)} | {tr(step.teacher.ask)} | "
            f"{tr(step.teacher.correction)} |"
            for step in lesson_path.steps()
        ]
        st.markdown("\n".join(rows))
