"""Names from outside are drawn as they are, whatever Markdown they hold."""

from pathlib import Path

from playwright.sync_api import Browser

from tests.ui.app_server import running_app
from tests.ui.names import NAMES
from tests.ui.visit import WAIT

MADE = """all => [...all.querySelectorAll(
    "a, img, li, h1, code, strong, em, del, b, hr, blockquote, table, .katex")].map(
    one => one.outerHTML)"""
TEXT = "all => all.textContent"


def test_names_are_text(browser: Browser, tmp_path: Path) -> None:
    with running_app(tmp_path / "log", script="tests/ui/names.py") as address:
        page = browser.new_page()
        page.goto(address)
        page.get_by_text("😄").nth(len(NAMES) - 1).wait_for(timeout=WAIT)
        for number, name in enumerate(NAMES):
            alone, within = (page.locator(f".st-key-{k}-{number}") for k in ("alone", "within"))
            assert alone.evaluate(TEXT).replace("\u2060", "") == name
            assert within.evaluate(TEXT).replace("\u2060", "").endswith(f"😄 {name}.")
            assert alone.evaluate(MADE) == within.evaluate(MADE) == []
        page.close()
