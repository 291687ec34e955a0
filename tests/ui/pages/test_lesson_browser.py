"""The lesson in a browser: by keys alone, reopened at the same step, on a projector."""

import re

import pytest
from playwright.sync_api import Page, expect

from eca_viz.figures.theme import PROJECTED
from eca_viz.locale.texts import LANGUAGES, speaking, tr
from eca_viz.ui.lesson.steps import STEPS
from tests.ui.visit import WAIT

FONTS = """selector => [...document.querySelectorAll(selector)]
    .filter(one => one.textContent.trim() && one.offsetParent !== null)
    .map(one => parseFloat(getComputedStyle(one).fontSize))"""
CHART_FONTS = """() => [...document.querySelectorAll(".js-plotly-plot text")]
    .filter(one => one.textContent.trim())
    .map(one => parseFloat(getComputedStyle(one).fontSize))"""

# Whether a chart begins at the top of the screen, and the next one lies below the screen.
AT_THE_TOP = """key => {
    const place = [...document.querySelectorAll(`.st-key-${key}`)].at(-1).getBoundingClientRect();
    return Math.abs(place.top) < 40 && place.bottom > 0.9 * innerHeight;
}"""

AS_LARGE = """([key, least]) => {
    const cells = document.querySelector(`.st-key-${key} .heatmaplayer image`);
    const box = cells?.getBoundingClientRect();
    return box && Math.min(box.width, box.height) >= least;
}"""

# Whether the words and the picture of a step end on the screen, the picture close to its end.
ON_ONE_SCREEN = """() => {
    const shown = [...document.querySelectorAll(".st-key-lesson :is(p, .js-plotly-plot)")]
        .map(one => one.getBoundingClientRect()).filter(box => box.height);
    const end = Math.max(...shown.map(box => box.bottom));
    return end > 0.9 * innerHeight && end <= innerHeight;
}"""


# Milliseconds after which the browser has told that it has drawn the first page: a key that is
# pressed in that moment can get lost on its way through Streamlit.
TOLD = 1500


@pytest.fixture
def page(blank_page: Page) -> Page:
    """Each test opens an address of its own."""
    return blank_page


def visit(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator(".st-key-lesson h2")).to_be_visible(timeout=WAIT)
    page.wait_for_timeout(TOLD)


def expect_step(page: Page, title: str) -> None:
    expect(page.get_by_role("heading", level=2, name=title, exact=True)).to_be_visible(timeout=WAIT)


@pytest.mark.parametrize("language", LANGUAGES)
def test_from_the_first_to_the_last_step_by_keys_alone(
    page: Page, address: str, language: str
) -> None:
    visit(page, f"{address}/lesson?lang={language}")

    def said(message: str) -> str:
        with speaking(language):
            return tr(message)

    for place, step in enumerate(STEPS):
        expect_step(page, said(step.title))
        if step.question is not None:
            answer = page.get_by_role("button", name=said("Show the answer"))
            expect(answer).to_be_visible(timeout=WAIT)
            page.keyboard.press("1" if place % 2 else "2")
            marked = said("{answer} (your guess)").replace("{answer}", "").strip()
            expect(page.get_by_text(marked)).to_be_visible(timeout=WAIT)
        drawn = page.locator(".st-key-lesson .main-svg, .st-key-block svg").first
        expect(drawn).to_be_visible(timeout=WAIT)
        page.keyboard.press("ArrowRight")
    expect_step(page, said("What you guessed"))
    expect(page.get_by_text(re.compile(r"of 5 guesses held|5 个猜测"))).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect_step(page, said(STEPS[-1].title))


def test_a_step_opens_its_page_and_the_way_back_leads_to_the_step(page: Page, address: str) -> None:
    visit(page, f"{address}/lesson?step=shared")
    page.get_by_role("link", name="The taps of each layer").click(timeout=WAIT)
    expect(page).to_have_title("Kernels · eca_viz", timeout=WAIT)
    expect(page.locator(".st-key-taps .main-svg").first).to_be_visible(timeout=WAIT)
    page.get_by_role("link", name="Back to the lesson").click()
    expect_step(page, "ECA: all channels share the taps")

    page.get_by_role("button", name="Next").click()
    expect(page).to_have_url(re.compile("step=adaptive"), timeout=WAIT)
    window = page.context.new_page()
    window.goto(page.url)
    expect_step(window, "How wide should the window be?")
    page.go_back()
    expect_step(page, "ECA: all channels share the taps")


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080)])
def test_on_a_projector_all_is_seen_with_large_text(
    page: Page, address: str, size: tuple[int, int]
) -> None:
    width, height = size
    page.set_viewport_size({"width": width, "height": height})
    visit(page, f"{address}/lesson?present=1")
    expect(page).to_have_url(re.compile("present=true"))  # as its switch keeps it
    for step in STEPS[:4]:
        expect_step(page, step.title)
        expect(page.locator(".st-key-lesson .main-svg").first).to_be_visible(timeout=WAIT)
        expect(page.locator("[data-testid=stSidebar]")).not_to_be_visible()
        page.wait_for_function(ON_ONE_SCREEN, timeout=WAIT)
        assert min(page.evaluate(FONTS, ".st-key-lesson [data-testid=stMarkdown] p")) >= 24
        assert min(page.evaluate(CHART_FONTS)) >= PROJECTED
        page.keyboard.press("ArrowRight")
    expect_step(page, STEPS[4].title)
    page.keyboard.press("Escape")
    expect(page.locator("[data-testid=stSidebar]")).to_be_visible(timeout=WAIT)


@pytest.mark.parametrize("language", LANGUAGES)
def test_on_a_projector_the_block_is_seen_with_large_text(
    page: Page, address: str, language: str
) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    visit(page, f"{address}/lesson?step=numbers&present=1&lang={language}")
    block = page.locator(".st-key-block svg")
    expect(block).to_be_visible(timeout=WAIT)
    box = block.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 1280
    assert box["y"] + box["height"] <= 720
    assert not block.evaluate("e => e.parentElement.parentElement.scrollWidth > e.clientWidth")
    smallest = (
        "e => parseFloat(getComputedStyle(e).fontSize) * e.clientWidth / e.viewBox.baseVal.width"
    )
    assert block.evaluate(smallest) >= PROJECTED


def test_arrow_keys_lead_from_chart_to_chart(page: Page, address: str) -> None:
    """One chart a screen: the next one's top is the screen's."""
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"{address}/kernels?present=1")
    for key in ("kernel_sizes", "taps", "frequency_responses"):
        chart = page.locator(f".st-key-{key}")
        expect(chart.locator(".main-svg").first).to_be_visible(timeout=WAIT)
    for key in ("kernel_sizes", "taps", "frequency_responses"):
        page.keyboard.press("ArrowRight")
        page.wait_for_function(AT_THE_TOP, arg=key, timeout=WAIT)
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(AT_THE_TOP, arg="taps", timeout=WAIT)


def test_the_cells_of_a_matrix_can_be_seen_from_the_back_row(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"{address}/mechanisms?channels=8&present=1")
    page.wait_for_function(AS_LARGE, arg=["matrix-se_var3", 8 * 40], timeout=WAIT)


def test_a_course_site_gets_no_navigation(page: Page, address: str) -> None:
    page.goto(f"{address}/lesson?step=gate&embed=true")
    expect_step(page, "A gate multiplies")
    expect(page.locator("[data-testid=stSidebar]")).not_to_be_visible(timeout=WAIT)
    expect(page.locator("[data-testid=stSidebarNavLink]")).to_have_count(0)
