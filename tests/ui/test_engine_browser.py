"""The first page comes before PyTorch; what asks for PyTorch says so, and gets its result."""

from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, expect

import eca_viz
from tests.factories import make_pixels
from tests.ui.app_server import running_app
from tests.ui.visit import WAIT, expect_drawn, upload


def test_an_upload_before_pytorch_is_loaded_waits_for_it(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "early.png"
    Image.fromarray(make_pixels(41)).save(path)
    with running_app(tmp_path / "log.txt") as address:
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.goto(address)
        page.locator(".st-key-overview .main-svg").first.wait_for(timeout=WAIT)
        upload(page, path)
        expect(page.get_by_text("Loading PyTorch, Captum and the network")).to_be_visible(
            timeout=WAIT
        )
        expected = eca_viz.explain(path, saliency=())
        expect(page.get_by_text("early.png, your image")).to_be_visible(timeout=WAIT)
        expect_drawn(page, "overview", "z", [one.weights for one in expected.attention])
        expect(page.get_by_text("Loading PyTorch")).to_have_count(0)
        page.close()
