"""Times the app in headless Chromium: `python -m tests.ui.measure`.

Prints seconds from starting `streamlit run` to the first visible frame and to the complete
first result, and milliseconds from picking another layer to the changed picture: the
server's part (from the browser's message to the last one of the answer) and as seen.
Medians of RUNS starts and of CLICKS picks, with the smallest and the largest.
"""

import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, WebSocket, sync_playwright

from tests.ui.app_server import ARGUMENTS, find_chromium, running_app, wait_until_up

RUNS = 7
CLICKS = 15
WAIT = 120_000
COMPLETE = """[...document.querySelectorAll('.js-plotly-plot')].filter(
    plot => plot.querySelector('.main-svg')).length == 11"""


class Traffic:
    """When the page last sent to the server and last heard from it."""

    def __init__(self, page: Page) -> None:
        self.sent = self.heard = 0.0
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framesent", lambda _: setattr(self, "sent", time.perf_counter()))
        socket.on("framereceived", lambda _: setattr(self, "heard", time.perf_counter()))


def start(browser: Browser, log: Path) -> tuple[float, float]:
    """Seconds from launch to the title and to the last chart of the first page."""
    begin = time.perf_counter()
    with running_app(log, wait=False) as address:
        wait_until_up(address)
        page = browser.new_page()
        page.goto(address)
        page.wait_for_selector("h1", timeout=WAIT)
        frame = time.perf_counter() - begin
        page.get_by_text("Take the numbers away").wait_for(timeout=WAIT)
        page.wait_for_function(COMPLETE, timeout=WAIT)
        complete = time.perf_counter() - begin
        page.close()
    return frame, complete


def clicks(browser: Browser, log: Path) -> tuple[list[float], list[float]]:
    """Milliseconds of picking another layer: on the server, and until the charts changed."""
    with running_app(log) as address:
        page = browser.new_page(viewport={"width": 1400, "height": 1200})
        traffic = Traffic(page)
        page.goto(address)
        page.get_by_text("Take the numbers away").wait_for(timeout=WAIT)
        page.wait_for_function(COMPLETE, timeout=WAIT)
        page.wait_for_timeout(3000)  # a page that still settles shuts the picker again
        server, seen = [], []
        for number in range(CLICKS + 2):
            layer = f"layer{1 + number % 4}.{number // 4 % 2}.eca"
            page.get_by_role("combobox", name="Layer").press("ArrowDown")
            page.get_by_role("option", name=layer).wait_for()
            page.wait_for_timeout(500)
            begin = time.perf_counter()
            page.get_by_role("option", name=layer).click()
            page.wait_for_function(
                "layer => document.querySelector('.st-key-weights_over_index')"
                ".querySelector('[aria-label*=\"' + layer + '\"]')",
                arg=layer,
                timeout=WAIT,
            )
            changed = time.perf_counter()
            page.wait_for_timeout(500)
            if number >= 2:
                server.append((traffic.heard - traffic.sent) * 1000)
                seen.append((changed - begin) * 1000)
        page.close()
    return server, seen


def line(what: str, values: list[float], unit: str) -> str:
    digits = 0 if unit == "ms" else 1
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{what}: {middle:.{digits}f} {unit} ({low:.{digits}f} to {high:.{digits}f})"


def main() -> None:
    chromium = find_chromium()
    if chromium is None:
        raise SystemExit("needs Chromium: install it or name it in ECA_VIZ_CHROMIUM")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        log = Path(folder) / "log.txt"
        starts = [start(browser, log) for _ in range(RUNS)]
        server, seen = clicks(browser, log)
    print(line("first visible frame", [frame for frame, _ in starts], "s"))
    print(line("complete first result", [complete for _, complete in starts], "s"))
    print(line("another layer, on the server", server, "ms"))
    print(line("another layer, as seen", seen, "ms"))


if __name__ == "__main__":
    main()
