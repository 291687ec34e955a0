"""Where a reader of the lesson is: the path, the step, next and back."""

import time
from collections.abc import Sequence

import streamlit as st

from eca_viz.locale.texts import text, tr
from eca_viz.ui import state
from eca_viz.ui.components import address, to_top
from eca_viz.ui.lesson.step import Step
from eca_viz.ui.lesson.steps import SHORT, STEPS, find_step

END = "end"
CATCHING_UP = 1.0  # seconds within which the browser's address has followed
LONG_PATH, SHORT_PATH = "long", "short"
PATHS = {LONG_PATH: text("60 minutes"), SHORT_PATH: text("20 minutes")}


def steps() -> Sequence[Step]:
    """Those of the path that the address names, else of the one that was last chosen."""
    kept = st.session_state.get(state.LESSON_CHOSEN, LONG_PATH)
    return SHORT if st.query_params.get(state.LESSON_PATH, kept) == SHORT_PATH else STEPS


def pick() -> Step | None:
    """Draws back, the picker and next; the step at hand, None for the end of the lesson."""
    address.check(
        state.LESSON_STEP, text("step of the lesson"), [*(step.id for step in STEPS), END]
    )
    address.check(state.LESSON_PATH, text("path of the lesson"), list(PATHS))
    if st.query_params.get(state.LESSON_PATH, LONG_PATH) not in PATHS:
        del st.query_params[state.LESSON_PATH]
    path = steps()
    st.session_state[state.LESSON_CHOSEN] = SHORT_PATH if path is SHORT else LONG_PATH
    names = [*(step.id for step in path), END]
    place = _place(names)
    st.session_state[state.LESSON_STEP] = st.query_params[state.LESSON_STEP] = names[place]
    last = len(names) - 1
    row = st.container(horizontal=True, vertical_alignment="bottom")
    row.button(
        tr("Back"),
        key="lesson_back",
        on_click=_go,
        args=(names[max(0, place - 1)],),
        disabled=place == 0,
        shortcut="Left",
    )
    # A key for each step and no callback: what a component tells in the moment of a click comes
    # with the pickers as they were, which would be taken for a choice.
    picked = row.selectbox(
        tr("Step {step} of {steps}", step=place + 1, steps=len(names)),
        names,
        index=place,
        format_func=_title,
        key=f"{state.LESSON_PICKER}-{names[place]}",
        label_visibility="collapsed" if state.presenting() else "visible",
    )
    if picked != names[place]:
        _go(picked)
        st.rerun()
    with row:
        if state.presenting():
            st.markdown(f"{place + 1} / {len(names)}", width="content")
        else:
            _pick_path()
    row.button(
        tr("Next"),
        key="lesson_next",
        on_click=_go,
        args=(names[min(last, place + 1)],),
        disabled=place == last,
        type="primary",
        shortcut="Right",
    )
    to_top.scroll(names[place])
    return find_step(names[place])


def after(step: Step | None) -> Step | None:
    """The next step of the path, None at its end."""
    path = list(steps())
    later = path[path.index(step) + 1 :] if step in path else []
    return later[0] if later else None


def _place(names: Sequence[str]) -> int:
    """The place of the step that the address names, else of the last one of this visit.

    Of a step that is not on the path, the place of the one before it.
    """
    kept = st.session_state.get(state.LESSON_STEP)
    for asked in (kept,) if _behind() else (st.query_params.get(state.LESSON_STEP), kept):
        if asked in names:
            return names.index(asked)
        if (step := find_step(asked)) is not None:
            before = [one.id for one in STEPS[: STEPS.index(step)] if one.id in names]
            return names.index(before[-1]) if before else 0
    return 0


def _go(name: str) -> None:
    left = st.session_state.get(state.LESSON_STEP)
    st.session_state[state.LESSON_LEFT] = (left, time.monotonic())
    st.session_state[state.LESSON_STEP] = st.query_params[state.LESSON_STEP] = name


def _behind() -> bool:
    """Whether the address is still that of the step that was left a moment ago.

    What a component tells the server in that moment comes with the address as it was.
    """
    left, when = st.session_state.get(state.LESSON_LEFT, (None, 0.0))
    soon = time.monotonic() - when < CATCHING_UP
    return soon and left is not None and st.query_params.get(state.LESSON_STEP) == left


def _pick_path() -> None:
    path = st.session_state[state.LESSON_CHOSEN]
    picked = st.segmented_control(
        # Translators: one of two paths through the lesson, a long and a short one.
        tr("Path"),
        list(PATHS),
        default=path,
        required=True,
        format_func=lambda name: tr(PATHS[name]),
        key=f"{state.LESSON_LENGTH}-{path}",
        label_visibility="collapsed",
    )
    if picked != path:
        st.session_state[state.LESSON_CHOSEN] = st.query_params[state.LESSON_PATH] = picked
        st.rerun()


def _title(name: str) -> str:
    step = find_step(name)
    return tr("What you guessed") if step is None else tr(step.title)


def carried() -> dict[str, str]:
    """What links between the lesson and its pages take along: the path, and what is pinned."""
    keys = (state.LESSON_PATH, state.PIN)
    return {key: st.query_params[key] for key in keys if key in st.query_params}


def way_back() -> None:
    """A link back to the step of the lesson from which the page was opened, if it was."""
    from eca_viz.ui.pages import find_page

    step = find_step(st.query_params.get(state.LESSON))
    if step is not None:
        page = find_page("Lesson")
        st.page_link(
            page.script,
            label=tr("Back to the lesson: {step}", step=step.title),
            icon=":material/arrow_back:",
            query_params={**carried(), state.LESSON_STEP: step.id},
        )
