"""A guess before the answer, kept for the visit."""

import streamlit as st

from eca_viz.locale.texts import tr
from eca_viz.ui import state
from eca_viz.ui.lesson.material import Material
from eca_viz.ui.lesson.step import Question, Step

SKIPPED = -1
SHORT = 4  # characters; answers as short as these stand side by side


def draw(step: Step, question: Question, material: Material) -> bool:
    """The question with its answers, or what became of the guess; nothing where it is not asked.

    Args:
        step: that asks.
        question: what it asks.
        material: on which the right answer may depend.

    Returns:
        Whether the answer may be shown.
    """
    if not question.applies(material):
        return True
    st.markdown(f"**{tr(question.text)}**")
    guess = state.guesses().get(step.id)
    answers = [tr(answer) for answer in question.answers]
    if guess is None:
        short = max(map(len, answers)) <= SHORT
        places = st.columns(len(answers)) if short else [st.container() for _ in answers]
        for place, answer in enumerate(answers):
            places[place].button(
                answer,
                key=f"answer-{place}",
                on_click=state.guess,
                args=(step.id, place),
                shortcut=str(place + 1),
                width="stretch",
            )
        st.button(
            tr("Show the answer"),
            key="answer-skip",
            on_click=state.guess,
            args=(step.id, SKIPPED),
            type="tertiary",
        )
        return False
    right = question.right_answer(material)
    lines = [mark(answer, place, guess, right) for place, answer in enumerate(answers)]
    st.markdown("  \n".join(lines))
    st.markdown(tr(question.why))
    return True


def mark(answer: str, place: int, guess: int, right: int) -> str:
    """An answer with what became of it, as Markdown.

    Args:
        answer: in words, in the language that is spoken.
        place: of the answer.
        guess: the place that was guessed, or SKIPPED.
        right: the place of the right answer.
    """
    icon = ":material/check:" if place == right else ":material/close:"
    words = f"**{answer}**" if place == right else answer
    said = tr("{answer} (your guess)", answer=words) if place == guess else words
    return f"{icon} {said}"
