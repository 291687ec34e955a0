"""Text is legible on light and on dark pages, and every control has a name."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.ui.visit import WAIT

WEAK = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")
# What can be focused, and has neither words nor a label of any kind.
NAMELESS = """() => [...document.querySelectorAll(
        "button, input, textarea, select, a[href], [role=slider], [role=combobox], [role=tab]")]
    .filter(one => one.checkVisibility() && one.type !== "file" && one.tabIndex >= 0)
    .filter(one => !(one.innerText?.trim() || one.ariaLabel || one.title || one.labels?.length
        || one.ariaLabelledByElements?.length || one.closest("label")))
    .map(one => one.outerHTML.slice(0, 200))"""
STILL = """() => !document.querySelector(
    "[data-stale=true], [data-testid=stSkeleton], [data-testid=stStatusWidget]")"""
OTHERS = ("Attention", "Saliency", "Mechanisms", "What if", "Classes")
THEME = "getComputedStyle(document.querySelector('.stApp')).colorScheme"


def test_text_is_legible_and_controls_are_named(blank_page: Page, address: str) -> None:
    page = blank_page
    page.goto(f"{address}/lesson?step=bottleneck")
    page.get_by_role("button", name="Show the answer").click(timeout=WAIT)
    check(page, "Lesson")
    for name in OTHERS:
        page.get_by_role("link", name=name, exact=True).click()
        check(page, name)


def check(page: Page, name: str) -> None:
    """Waits until the page of that name is drawn, and looks at it in both themes."""
    heading = page.get_by_role("heading", level=1, name=name, exact=True)
    expect(heading).to_be_visible(timeout=WAIT)
    page.wait_for_function(STILL, timeout=WAIT)
    page.locator(".main-svg").first.wait_for(timeout=WAIT)
    drawn = 0
    while drawn != (drawn := page.locator(".main-svg").count()):  # none is drawn as the theme turns
        page.wait_for_timeout(1000)
        page.wait_for_function(STILL, timeout=WAIT)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(f"() => {THEME} === '{scheme}'", timeout=WAIT)
        page.wait_for_function(STILL, timeout=WAIT)
        for _ in range(20):  # charts take the other theme a moment after the page
            if not page.evaluate(WEAK):
                break
            page.wait_for_timeout(250)
        assert page.evaluate(WEAK) == {}, (name, scheme)
    assert page.evaluate(NAMELESS) == [], name
