"""The browser and the running app, for tests that look at real pages."""

import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.fragment import MemoryFragmentStorage
from streamlit.testing.v1 import AppTest

from tests.ui.app_server import ARGUMENTS, find_chromium, running_app
from tests.ui.factories import make_app

MAIN = sys.modules["__main__"]
# What Streamlit's front end asks for in vain: images that the page has replaced, and its own
# addresses below that of a page that is opened directly.
GONE = re.compile(r"/media/|//[^/]+/\w+/_stcore/")
WIDE = {"width": 1400, "height": 1200}
# With this part on, Chromium compiles scripts anew although it has kept them compiled.
USES_COMPILED = "--disable-features=BackgroundResourceFetch"
BROKEN_IMAGES = """() => [...document.images]
    .filter(image => image.complete && image.naturalWidth === 0).map(image => image.src)"""


@pytest.fixture(scope="session", autouse=True)
def _packages_read_once() -> Iterator[None]:
    """Streamlit reads what all installed packages say of themselves, once for each AppTest."""
    with pytest.MonkeyPatch.context() as patched:
        read = manifest_scanner.scan_component_manifests
        patched.setattr(manifest_scanner, "scan_component_manifests", cache(read))
        yield


@pytest.fixture(autouse=True)
def _own_main() -> Iterator[None]:
    """Streamlit makes the page the main module, which processes of later tests would run."""
    yield
    sys.modules["__main__"] = MAIN


@pytest.fixture(autouse=True)
def _no_fragment_in_a_fragment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The browser's page breaks where the outer one runs again before its first run is sent."""
    nested: list[str] = []
    register = MemoryFragmentStorage.register

    def note(*args: Any, parent_fragment_id: str | None = None, **options: Any) -> None:
        if parent_fragment_id is not None:
            nested.append(args[2].__name__)
        register(*args, parent_fragment_id=parent_fragment_id, **options)

    monkeypatch.setattr(MemoryFragmentStorage, "register", note)
    yield
    assert nested == []


@pytest.fixture
def app() -> AppTest:
    return make_app()


@pytest.fixture(scope="session")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where Chromium keeps what it has compiled, from module to module."""
    return tmp_path_factory.mktemp("profile")


@pytest.fixture(scope="module")
def returning(profile: Path) -> Iterator[BrowserContext]:
    """A browser that was here before: it takes a third less time for a page than a new one."""
    chromium = find_chromium()
    if chromium is None:
        pytest.skip("needs Chromium: install it or name it in ECA_VIZ_CHROMIUM")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch_persistent_context(
            profile,
            executable_path=chromium,
            args=[*ARGUMENTS, USES_COMPILED],
            viewport=WIDE,
            reduced_motion="reduce",  # saves the drawing of what moves
        )


@pytest.fixture(scope="module")
def browser(returning: BrowserContext) -> Browser:
    """For visits with nothing kept from others."""
    assert returning.browser is not None
    return returning.browser


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The app's address and its log: PyTorch is loaded and results are computed once for all."""
    log = tmp_path_factory.mktemp("app") / "log.txt"
    with running_app(log) as url:
        yield url, log


@pytest.fixture(scope="module")
def address(served: tuple[str, Path]) -> Iterator[str]:
    url, log = served
    yield url
    said = log.read_text(encoding="utf-8")
    assert "Traceback" not in said, said


@pytest.fixture
def page(blank_page: Page, address: str) -> Page:
    """A fresh visit to the first page."""
    blank_page.goto(address)
    return blank_page


@pytest.fixture
def blank_page(returning: BrowserContext, address: str) -> Iterator[Page]:
    """A browser before its first visit; what the console calls an error then fails the test.

    An image that the page replaces while the browser still fetches it is gone, which the console
    reports too: an image that is on the page at the end must be there.
    """
    visit = returning.new_page()
    problems: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # Of an image the browser says its address, and then Streamlit's front end in its words.
        if message.type == "error" and not GONE.search(f"{message.location['url']} {message.text}"):
            problems.append(message.text)

    visit.on("console", note)
    visit.on("pageerror", lambda error: problems.append(str(error)))
    yield visit
    broken = visit.evaluate(BROKEN_IMAGES)
    visit.evaluate("localStorage.clear()")
    for window in returning.pages:
        window.close()
    returning.clear_cookies()
    assert problems == []
    assert broken == []
