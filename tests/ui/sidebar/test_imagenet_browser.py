"""From an image that is none of ten classes to a network with a thousand, which then comes first.

A hub of our own holds a checkpoint with random weights in the real hub's layout.
"""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
import timm
import torch
from playwright.sync_api import Browser, Page, expect

from eca_viz.networks.registry import IMAGENET_NETWORK, NETWORKS, find_listed
from tests.factories import randomise, save_safetensors
from tests.networks.hubs.hub import Hub, running_hub
from tests.ui.app_server import running_app
from tests.ui.visit import WAIT, wait_for_result

ROW = find_listed(IMAGENET_NETWORK)
DOUBT = "Probably none of its 10 classes; nearest: tench"
# Whether a bar shows that something is there of what is downloaded.
BEGUN = """() => [...document.querySelectorAll("[role=progressbar]")]
    .some(one => Number(one.ariaValueNow) > 0)"""
KNOWN = "This network knows 1,000 classes"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    path = tmp_path_factory.mktemp("hub") / "model.safetensors"
    with torch.random.fork_rng():
        torch.manual_seed(0)
        save_safetensors(randomise(timm.create_model("ecaresnet26t")), path)
    with running_hub({f"/{ROW.weights}/resolve/main/model.safetensors": path}) as running:
        yield running


@pytest.fixture(scope="module")
def address(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("app")
    environment = {"HF_ENDPOINT": hub.address, "HF_HUB_CACHE": str(folder / "cache")}
    log = folder / "log.txt"
    with running_app(log, environment=environment) as url:
        yield url
    said = log.read_text(encoding="utf-8")
    assert "Traceback" not in said, said


def test_from_a_cat_to_a_network_that_knows_cats(browser: Browser, address: str, hub: Hub) -> None:
    """The download is stopped and gone on with; the next visit begins with the network."""
    page = browser.new_page(viewport={"width": 1400, "height": 1200})
    page.goto(f"{address}/?photo=Cat")
    expect(page.get_by_role("heading", name=DOUBT)).to_be_visible(timeout=WAIT)
    download = page.get_by_role("button", name=f"Download (61 MB) {ROW.title}, which knows")
    hub.slow.set()
    download.click()
    stop = page.get_by_role("button", name="Stop the download")
    stop.wait_for(timeout=WAIT)
    expect(page.get_by_text("Downloading")).to_be_visible(timeout=WAIT)
    page.wait_for_function(BEGUN, timeout=WAIT)
    stop.click()
    expect(page.get_by_role("heading", name=DOUBT)).to_be_visible(timeout=WAIT)
    hub.slow.clear()
    download.click()
    expect(page.get_by_text(KNOWN)).to_be_visible(timeout=WAIT)
    assert any(line.startswith("from ") for line in hub.asked)
    page.context.close()

    _begins_with_it(browser.new_page(), address)
    _opens_a_bundled_one_by_its_link(browser.new_page(), address)


def _begins_with_it(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.get_by_text(KNOWN)).to_be_visible(timeout=WAIT)
    page.wait_for_url("**hub=timm**", timeout=WAIT)
    wait_for_result(page)  # Streamlit may lose a click on what it is still drawing
    page.locator("label").filter(has_text="Bundled").click()
    expect(page.get_by_text("This network knows only 10 classes")).to_be_visible(timeout=WAIT)
    page.wait_for_url(lambda url: "hub=" not in url, timeout=WAIT)
    page.reload()
    expect(page.get_by_text("This network knows only 10 classes")).to_be_visible(timeout=WAIT)
    page.context.close()


def _opens_a_bundled_one_by_its_link(page: Page, address: str) -> None:
    page.goto(f"{address}/?photo=Cat&network={quote(NETWORKS[0].title)}")
    expect(page.get_by_role("heading", name=DOUBT)).to_be_visible(timeout=WAIT)
    page.get_by_role("button", name=f"Open {ROW.title}, which knows").click()
    expect(page.get_by_text(KNOWN)).to_be_visible(timeout=WAIT)
    page.context.close()
