"""Each action is one entry of the browser's history, and Back shows what was there before it."""

import re
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.ui.app_server import running_app
from tests.ui.visit import WAIT, choose, open_tab, wait_for_result


def expect_view(page: Page, **asked: str) -> None:
    """The address holds this and nothing else, and the page has followed."""
    query = "&".join(rf"{key}={re.escape(value)}" for key, value in asked.items())
    expect(page).to_have_url(re.compile(rf"/\?{query}$" if query else "/$"), timeout=WAIT)
    layer = page.get_by_role("combobox", name="Layer")
    expect(layer).to_have_value(asked.get("layer", "layer3.1.eca"), timeout=WAIT)
    image = page.get_by_role("radio", name=asked.get("photo", "Temple"))
    expect(image).to_be_checked(timeout=WAIT)


def test_back_goes_through_the_actions_one_by_one(page: Page) -> None:
    wait_for_result(page)
    page.wait_for_timeout(2000)
    entries = page.evaluate("history.length")
    choose(page, "Layer", "layer1.1.eca")
    expect_view(page, layer="layer1.1.eca")
    page.locator("label").filter(has_text="Coffee").click()
    expect_view(page, layer="layer1.1.eca", photo="Coffee")
    page.get_by_role("link", name="Kernels").click()
    expect(page).to_have_title("Kernels · eca_viz", timeout=WAIT)
    open_tab(page, "Costs")
    expect(page).to_have_url(re.compile("Costs"), timeout=WAIT)
    assert page.evaluate("history.length") == entries + 4

    page.go_back()
    page.go_back()
    expect(page).to_have_title("Attention · eca_viz", timeout=WAIT)
    expect_view(page, layer="layer1.1.eca", photo="Coffee")
    page.go_back()
    expect_view(page, layer="layer1.1.eca")
    page.go_back()
    expect_view(page)


def test_pickers_stay_in_the_address_after_a_wait_for_pytorch(
    browser: Browser, tmp_path: Path
) -> None:
    """An element that comes and goes above them would cut them off from it."""
    with running_app(tmp_path / "log.txt") as address:
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.goto(f"{address}/saliency?methods=Nonsense")
        expect(page.get_by_text("which is not there")).to_be_visible(timeout=WAIT)
        wait_for_result(page)
        for strength in ("0.75", "0.7"):
            page.get_by_role("slider", name="Overlay strength").press("ArrowLeft")
            expect(page).to_have_url(re.compile(f"strength={strength}"), timeout=WAIT)
        page.close()
