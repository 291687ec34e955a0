"""Text is legible on light and on dark pages, and every control has a name."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

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
PAGES = ("", "lesson?step=bottleneck", "saliency", "mechanisms", "what_if", "classes")


THEME = "getComputedStyle(document.querySelector('.stApp')).colorScheme"


@pytest.mark.parametrize("name", PAGES)
def test_text_is_legible_and_controls_are_named(blank_page: Page, address: str, name: str) -> None:
    page = blank_page
    page.goto(f"{address}/{name}")
    if "step" in name:
        page.get_by_role("button", name="Show the answer").click(timeout=WAIT)
    page.locator(".main-svg").first.wait_for(timeout=WAIT)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(f"() => {THEME} === '{scheme}'", timeout=WAIT)
        page.wait_for_function(STILL, timeout=WAIT)
        assert page.evaluate(WEAK) == {}, scheme
    assert page.evaluate(NAMELESS) == []
