"""Milliseconds from the arrow key to the next step of the lesson, as seen, for `measure`."""

import time
from itertools import pairwise

from playwright.sync_api import Page

from eca_viz.ui.lesson.steps import STEPS

WAIT = 120_000
READ = 3000  # ms for which a step is read
# Whether the step of a title is there, with its figures or its question.
SHOWN = """title => {
    const heading = document.querySelector('.st-key-lesson h2');
    const figures = [...document.querySelectorAll(
        '.st-key-lesson .js-plotly-plot, .st-key-lesson .st-key-block')];
    return heading && heading.innerText == title && !document.querySelector('[data-stale=true]')
        && (figures.length > 0 || document.querySelector('.st-key-answer-0 button'))
        && figures.every(one => one.querySelector('.main-svg, svg[role=img]'));
}"""


def lesson_steps(page: Page, address: str) -> list[float]:
    """From each step to the next; a guess is made where one is asked for, and not counted."""
    page.goto(f"{address}/lesson")
    page.wait_for_function(SHOWN, arg=STEPS[0].title, timeout=WAIT)
    found = []
    for step, after in pairwise(STEPS):
        if step.question is not None:
            page.keyboard.press("1")
            page.get_by_text("(your guess)").wait_for(timeout=WAIT)
        page.wait_for_function(SHOWN, arg=step.title, timeout=WAIT)
        page.wait_for_timeout(READ)
        begin = time.perf_counter()
        page.keyboard.press("ArrowRight")
        page.wait_for_function(SHOWN, arg=after.title, timeout=WAIT)
        found.append(1000 * (time.perf_counter() - begin))
    return found
