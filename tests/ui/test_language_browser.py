"""Two languages in the browser: the picker, the reader's own language, links, Back."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from eca_viz.locale.texts import speaking, tr
from eca_viz.ui import state
from tests.ui.visit import WAIT, open_tab

WIDTH = {"width": 1400, "height": 1200}


@pytest.fixture
def page(blank_page: Page) -> Page:
    """Each test opens an address of its own."""
    return blank_page


def in_chinese(message: str) -> str:
    with speaking("zh"):
        return tr(message)


def expect_view(page: Page, title: str, tab: str) -> None:
    expect(page.get_by_role("heading", level=1, name=title, exact=True)).to_be_visible(timeout=WAIT)
    opened = page.get_by_role("tab", name=tab, exact=True)
    expect(opened).to_have_attribute("aria-selected", "true", timeout=WAIT)


def expect_asked(page: Page, expected: dict[str, list[str]]) -> None:
    """Waits until the address asks for this and no more; the page may be drawn before."""
    for _ in range(100):
        if parse_qs(urlsplit(page.url).query) == expected:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"the address is {page.url} and not that of {expected}")


def pick(page: Page, language: str) -> None:
    page.locator(f".st-key-{state.LANGUAGE} label").filter(has_text=language).last.click()


def test_the_picker_changes_the_language_and_back_changes_it_again(
    page: Page, address: str
) -> None:
    page.goto(address)
    open_tab(page, "Feature maps")
    expect_view(page, "Attention", "Feature maps")
    pick(page, "中文")
    expect_view(page, in_chinese("Attention"), in_chinese("Feature maps"))
    expect_asked(page, {"show": ["Feature maps"], "lang": ["zh"]})
    open_tab(page, in_chinese("Table"))
    expect_view(page, in_chinese("Attention"), in_chinese("Table"))
    expect_asked(page, {"show": ["Table"], "lang": ["zh"]})
    # The browser opens a tab by itself; the server has heard of it when it has filled it.
    filled = page.get_by_role("tabpanel").get_by_test_id("stDataFrame")
    expect(filled).to_be_visible(timeout=WAIT)
    page.go_back()
    expect_view(page, in_chinese("Attention"), in_chinese("Feature maps"))
    page.go_back()
    expect_view(page, "Attention", "Feature maps")
    expect_asked(page, {"show": ["Feature maps"]})


def test_a_reader_s_browser_says_the_language_and_a_link_means_the_same_in_both(
    page: Page, browser: Browser, address: str
) -> None:
    context = browser.new_context(viewport=WIDTH, locale="zh-CN")
    reader = context.new_page()
    reader.goto(f"{address}/?show=Feature+maps&channel=7")
    expect_view(reader, in_chinese("Attention"), in_chinese("Feature maps"))
    expect_asked(reader, {"show": ["Feature maps"], "channel": ["7"]})
    link = reader.url
    context.close()
    page.goto(link)
    expect_view(page, "Attention", "Feature maps")


def test_another_page_is_in_the_same_language(page: Page, address: str) -> None:
    page.goto(f"{address}/?lang=zh")
    page.get_by_role("link", name=in_chinese("Kernels"), exact=True).click(timeout=WAIT)
    kernels = page.get_by_role("heading", level=1, name=in_chinese("Kernels"), exact=True)
    expect(kernels).to_be_visible(timeout=WAIT)
    expect(page).to_have_title(f"{in_chinese('Kernels')} · eca_viz", timeout=WAIT)
    expect(page.locator(".st-key-kernel_sizes .main-svg").first).to_be_visible(timeout=WAIT)
    page.go_back()
    expect_view(page, in_chinese("Attention"), in_chinese("Layer"))
