"""Times the app in headless Chromium: `python -m tests.ui.measure`.

Prints seconds from starting `streamlit run` to the first visible frame and to the complete
first result, and milliseconds from picking another layer, and from clicking on a cell of the
overview, to the changed charts: the server's part, as the server times it, and as seen. Medians
of RUNS starts and of CLICKS picks of each kind, with the smallest and the largest.
"""

import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.ui.app_server import ARGUMENTS, find_chromium, running_app, wait_until_up
from tests.ui.timed_app import MARK

RUNS = 7
CLICKS = 15
WAIT = 120_000
COMPLETE = """[...document.querySelectorAll('.js-plotly-plot')].filter(
    plot => plot.querySelector('.main-svg')).length == 10"""


def start(browser: Browser, log: Path) -> tuple[float, float]:
    """Seconds from launch to the title and to the last chart of the first page."""
    begin = time.perf_counter()
    with running_app(log, wait=False) as address:
        wait_until_up(address)
        page = browser.new_page()
        page.goto(address)
        page.wait_for_selector("h1", timeout=WAIT)
        frame = time.perf_counter() - begin
        page.get_by_role("heading", name="Downloads").wait_for(timeout=WAIT)
        page.wait_for_function(COMPLETE, timeout=WAIT)
        complete = time.perf_counter() - begin
        page.close()
    return frame, complete


def clicks(browser: Browser, log: Path) -> dict[str, tuple[list[float], list[float]]]:
    """Milliseconds of each kind of click: on the server, and until the charts changed."""
    with running_app(log, module="tests.ui.timed_app") as address:
        page = browser.new_page(viewport={"width": 1400, "height": 1200})
        page.goto(address)
        page.get_by_role("heading", name="Downloads").wait_for(timeout=WAIT)
        page.wait_for_function(COMPLETE, timeout=WAIT)
        page.wait_for_timeout(3000)  # a page that still settles shuts the picker again
        found = {}
        for what, click in (("another layer", another_layer), ("a cell", a_cell)):
            server, seen = [], []
            for number in range(CLICKS + 2):
                before = len(reruns(log))
                duration = click(page, number)
                page.wait_for_timeout(1000)
                if number >= 2:
                    (took,) = reruns(log)[before:]
                    server.append(took)
                    seen.append(duration * 1000)
            found[what] = server, seen
        page.close()
    return found


def reruns(log: Path) -> list[float]:
    """Milliseconds of each rerun so far, as the server printed them."""
    lines = log.read_text(encoding="utf-8").splitlines()
    return [float(line.removeprefix(MARK)) for line in lines if line.startswith(MARK)]


def another_layer(page: Page, number: int) -> float:
    """Seconds from picking a layer to its weights."""
    layer = f"layer{1 + number % 4}.{number // 4 % 2}.eca"
    page.get_by_role("combobox", name="Layer").press("ArrowDown")
    page.get_by_role("option", name=layer).wait_for()
    page.wait_for_timeout(500)
    begin = time.perf_counter()
    page.get_by_role("option", name=layer).click()
    wait_for_label(page, "gates_over_channels", layer)
    return time.perf_counter() - begin


def a_cell(page: Page, number: int) -> float:
    """Seconds from a click on a cell of the overview to the channel's arithmetic."""
    row, channel = number % 2, 3 * number  # of the first two layers, with 64 channels each
    page.locator(".st-key-overview").first.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    area = page.locator(".st-key-overview .nsewdrag").first.bounding_box()
    assert area
    x = area["x"] + area["width"] * (channel + 0.5) / 64
    y = area["y"] + area["height"] * (row + 0.5) / 8
    page.mouse.move(x - 3, y)
    page.mouse.move(x, y)
    page.wait_for_timeout(500)
    begin = time.perf_counter()
    page.mouse.click(x, y)
    wait_for_label(page, "steps", f"channel {channel}")
    return time.perf_counter() - begin


def wait_for_label(page: Page, key: str, words: str) -> None:
    """Until the text of a chart for screen readers ends with these words."""
    page.wait_for_function(
        """([key, words]) => [...document.querySelectorAll(`.st-key-${key} [aria-label]`)].some(
            chart => chart.getAttribute('aria-label').endsWith(words))""",
        arg=[key, words],
        timeout=WAIT,
    )


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
        found = clicks(browser, log)
    print(line("first visible frame", [frame for frame, _ in starts], "s"))
    print(line("complete first result", [complete for _, complete in starts], "s"))
    for what, (server, seen) in found.items():
        print(line(f"{what}, on the server", server, "ms"))
        print(line(f"{what}, as seen", seen, "ms"))


if __name__ == "__main__":
    main()
