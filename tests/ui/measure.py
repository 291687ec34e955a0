"""Times the app in headless Chromium: `python -m tests.ui.measure`.

Prints medians with the smallest and the largest, and ratios to a page of Streamlit that does
nothing else, measured in turn with the app: seconds from `streamlit run` to the complete first
result, to a new image and to each page, and milliseconds from a click to the changed charts, on
the server and as seen, with the bytes and charts that were sent.
"""

import json
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, WebSocket, sync_playwright
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from eca_viz.ui.pages import PAGES
from tests.factories import make_pixels
from tests.ui.app_server import ARGUMENTS, FULL, SHELL, find_chromium, running_app, wait_until_up
from tests.ui.lesson_steps import lesson_steps
from tests.ui.timed_app import MARK

RUNS = 7
CLICKS = 15
WARM_UP = 2
WAIT = 120_000
HELLO = "tests/ui/hello.py"
THREE = ("chart-0", "chart-1", "chart-2")
LAYER_CHARTS = ("gates_over_channels", "sorted_gates", "descriptor_against_gate")
# The first screen, and the charts of the tab below it.
FIRST = ("overlay", "predictions", "network_picture", "overview")

# In each page before anything else: when a person sees what a test asks for, in milliseconds since
# 1970: at the end of the frame in which it first holds. A question from here would be answered
# when the page has also drawn what is below.
SEEN = """
const now = () => performance.timeOrigin + performance.now();
const frameEnds = () => new Promise(resolve => {
    const after = new MessageChannel();
    after.port1.onmessage = () => resolve(now());
    after.port2.postMessage(null);
});
window.seen = test => new Promise(resolve => {
    const look = () => test() ? frameEnds().then(resolve) : requestAnimationFrame(look);
    requestAnimationFrame(look);
});
window.painted = (keys, test) => keys.every(key => {
    const plots = [...document.querySelectorAll(`.st-key-${key} .js-plotly-plot`)];
    return plots.length == 1 && plots[0].querySelector('.main-svg') && plots[0]._fullLayout
        && [...plots[0].querySelectorAll('image')].every(image => image.href.baseVal)
        && test(plots[0]);
});
addEventListener('pointerdown', () => { window.pressed = now(); }, true);
"""
SETTLED = """() => !document.querySelector(
        '[data-testid=stSkeleton], [data-testid=stSkeletonElement], [data-testid=stSpinner]')
    && !document.querySelector('[data-stale=true]')
    && document.querySelector('[data-testid=stApp]').dataset.testScriptState == 'notRunning'
    && [...document.querySelectorAll('.js-plotly-plot')].every(p => p.querySelector('.main-svg'))"""


def painted(keys: Sequence[str], test: str = "true") -> str:
    """An expression of JavaScript: whether there are these charts and a test holds for each.

    Args:
        keys: of their containers.
        test: of `plot`, in JavaScript.
    """
    return f"painted({json.dumps(keys)}, plot => {test})"


@dataclass
class Sent:
    """What the server sent to a page since it was last asked."""

    messages: list[bytes] = field(default_factory=list)

    def listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._take)

    def _take(self, frame: Any) -> None:
        self.messages.append(frame if isinstance(frame, bytes) else frame.encode())

    def take(self) -> tuple[float, int]:
        """Kilobytes and charts."""
        messages, self.messages = self.messages, []
        charts = 0
        for message in messages:
            element = ForwardMsg.FromString(message).delta.new_element
            charts += element.WhichOneof("type") == "plotly_chart"
        return sum(map(len, messages)) / 1000, charts


def start(browser: Browser, log: Path, script: str, stages: Sequence[str]) -> list[float]:
    """Seconds from `streamlit run` until each of the tests holds and is seen."""
    watched = ", ".join(f"seen(() => {stage})" for stage in stages)
    begin = time.time()
    with running_app(log, wait=False, script=script) as address:
        wait_until_up(address)
        page = open_page(browser)
        page.add_init_script(f"window.stages = Promise.all([{watched}])")
        page.goto(address)
        found = page.evaluate("stages")
        page.close()
    return [at / 1000 - begin for at in found]


def open_page(browser: Browser) -> Page:
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    page.set_default_timeout(WAIT)
    page.add_init_script(SEEN)
    return page


@dataclass
class Clicks:
    """Milliseconds of clicks of one kind, and what was sent for each."""

    server: list[float] = field(default_factory=list)
    seen: list[float] = field(default_factory=list)
    marked: list[float] = field(default_factory=list)
    kilobytes: list[float] = field(default_factory=list)
    charts: list[int] = field(default_factory=list)


def clicks(
    page: Page, log: Path, sent: Sent, click: Callable[[Page, int], tuple[float, float | None]]
) -> Clicks:
    found = Clicks()
    for number in range(CLICKS + WARM_UP):
        before = len(reruns(log))
        page.wait_for_timeout(700)
        sent.take()
        seen, marked = click(page, number)
        page.wait_for_timeout(1000)
        kilobytes, charts = sent.take()
        if number >= WARM_UP:
            (took,) = reruns(log)[before:]
            found.server.append(took)
            found.seen.append(seen)
            found.kilobytes.append(kilobytes)
            found.charts.append(charts)
            if marked is not None:
                found.marked.append(marked)
    return found


def reruns(log: Path) -> list[float]:
    """Milliseconds of each rerun so far, as the server printed them."""
    lines = log.read_text(encoding="utf-8").splitlines()
    return [float(line.removeprefix(MARK)) for line in lines if line.startswith(MARK)]


def hello_click(page: Page, number: int) -> tuple[float, None]:
    """Milliseconds from picking a number to three changed charts."""
    picked = str(number + 1)
    test = painted(THREE, f"plot._fullLayout.meta == '{picked}'")
    return pick(page, "Number", picked, test), None


def pick(page: Page, label: str, option: str, test: str) -> float:
    """Milliseconds from pressing an option to what the test asks for."""
    picker = page.get_by_role("combobox", name=label)
    picker.scroll_into_view_if_needed()
    page.wait_for_timeout(200)  # a list that opens while the page scrolls is closed again
    picker.press("ArrowDown")
    choice = page.get_by_role("option", name=option, exact=True)
    choice.wait_for()
    page.wait_for_timeout(400)
    page.evaluate(f"() => {{ window.changed = seen(() => {test}); }}")
    choice.click()
    return float(page.evaluate("() => changed.then(at => at - pressed)"))


def another_layer(page: Page, number: int) -> tuple[float, None]:
    """Milliseconds from picking a layer to its charts."""
    layer = f"layer{1 + number % 4}.{number // 4 % 2}.eca"
    test = painted(LAYER_CHARTS, f"plot._fullLayout.meta.alt.endsWith('{layer}')")
    return pick(page, "Layer", layer, test), None


def another_cell(page: Page, number: int) -> tuple[float, float]:
    """Milliseconds from a click on a cell to its layer's charts, and to its mark."""
    row, channel = number % 2, 3 * number  # of the first two layers, with 64 channels each
    page.locator(".st-key-overview").first.scroll_into_view_if_needed()
    area = page.locator(".st-key-overview .nsewdrag").first.bounding_box()
    assert area
    x = area["x"] + area["width"] * (channel + 0.5) / 64
    y = area["y"] + area["height"] * (row + 0.5) / 8
    page.mouse.move(x - 3, y)
    page.mouse.move(x, y)
    page.wait_for_timeout(400)
    test = painted(LAYER_CHARTS, f"plot._fullLayout.annotations[0].text == '{channel}'")
    page.evaluate(
        f"""() => {{
            const frame = () => document.querySelector('.st-key-overview .picked-cell');
            const before = frame();
            window.marked = seen(() => frame() !== before);
            window.changed = seen(() => {test});
        }}"""
    )
    page.mouse.click(x, y)
    both = "() => Promise.all([changed, marked]).then(all => all.map(at => at - pressed))"
    changed, marked = page.evaluate(both)
    return changed, marked


def new_image(page: Page, folder: Path, number: int) -> float:
    """Seconds from choosing a file to its complete result."""
    path = folder / f"image-{number}.png"
    Image.fromarray(make_pixels(100 + number)).save(path)
    before = page.locator(".st-key-overview .js-plotly-plot").evaluate("p => p.data[0].z.bdata")
    begin = time.perf_counter()
    page.locator(".st-key-uploads input[type=file]").set_input_files(str(path))
    page.get_by_text("your image").first.wait_for()
    another = painted(["overview"], f"plot.data[0].z.bdata != {json.dumps(before)}")
    page.wait_for_function(f"() => {another} && {painted([*FIRST, *LAYER_CHARTS])}")
    page.wait_for_function(SETTLED)
    return time.perf_counter() - begin


def page_time(page: Page, title: str) -> tuple[float, int]:
    """Seconds from a click in the navigation to the complete page, and its height in pixels."""
    begin = time.perf_counter()
    page.get_by_role("link", name=title, exact=True).click()
    page.get_by_role("heading", name=title, level=1, exact=True).wait_for()
    page.wait_for_function(SETTLED)
    seconds = time.perf_counter() - begin
    return seconds, page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")


def line(what: str, values: list[float], unit: str, against: str = "", base: float = 0) -> str:
    digits = 0 if unit == "ms" else 1
    low, middle, high = min(values), statistics.median(values), max(values)
    text = f"{what}: {middle:.{digits}f} {unit} ({low:.{digits}f} to {high:.{digits}f})"
    return text + (f", {middle / base:.2f} of {against}" if base else "")


def print_clicks(what: str, found: Clicks, base: float) -> None:
    print(line(f"{what}, on the server", found.server, "ms"))
    print(line(f"{what}, as seen", found.seen, "ms", "a hello click", base))
    if found.marked:
        print(line(f"{what}, marked in the browser", found.marked, "ms"))
    print(line(f"{what}, sent", found.kilobytes, "kB"), end="; ")
    print(f"charts sent: {max(found.charts)}")


def measure_starts(browser: Browser, log: Path) -> None:
    """In turn, so that both meet the same machine."""
    image = "document.querySelector('[data-testid=stImage] img')?.complete"
    heading = "[...document.querySelectorAll('h2')].some(one => one.innerText == 'Downloads')"
    below = f"{painted(LAYER_CHARTS)} && {heading}"
    first = f"{image} && {painted(FIRST)}"
    pages = {
        HELLO: [painted(["chart-0"])],
        "app.py": ["document.querySelector('h1')", first, below],
    }
    found: dict[str, list[list[float]]] = {script: [] for script in pages}
    for _ in range(RUNS):
        for script, stages in pages.items():
            found[script].append(start(browser, log, script, stages))
    (base,) = map(list, zip(*found[HELLO], strict=True))
    middle = statistics.median(base)
    frame, first, all_ = map(list, zip(*found["app.py"], strict=True))
    print(line("hello page", base, "s"))
    print(line("first visible frame", frame, "s"))
    print(line("complete first result", first, "s", "the hello page", middle))
    print(line("the charts below it", all_, "s", "the hello page", middle))


def measure_clicks(browser: Browser, folder: Path) -> None:
    log = folder / "clicks.txt"
    with running_app(log, module="tests.ui.timed_app", script=HELLO) as address:
        page, sent = visit(browser, f"{address}/?charts=3")
        page.wait_for_function(f"() => {painted(THREE)}")
        least = clicks(page, log, sent, hello_click)
        page.close()
    base = statistics.median(least.seen)
    print(line("a hello click, on the server", least.server, "ms"))
    print(line("a hello click, as seen", least.seen, "ms"))
    with running_app(log, module="tests.ui.timed_app") as address:
        page, sent = visit(browser, address)
        page.wait_for_function(f"() => {painted(LAYER_CHARTS)}")
        page.wait_for_timeout(12_000)  # PyTorch is loaded behind the page
        print_clicks("another layer", clicks(page, log, sent, another_layer), base)
        print_clicks("another cell", clicks(page, log, sent, another_cell), base)
        images = [new_image(page, folder, number) for number in range(RUNS + 1)]
        print(line("a new image", images[1:], "s"))
        for entry in [*PAGES[1:], PAGES[0]]:
            seconds, height = page_time(page, entry.title)
            print(f"page {entry.title}: {seconds:.1f} s, {height:,} px high")
        print(line("a step of the lesson, as seen", lesson_steps(page, address), "ms"))
        page.close()


def visit(browser: Browser, address: str) -> tuple[Page, Sent]:
    page, sent = open_page(browser), Sent()
    page.on("websocket", sent.listen)
    page.goto(address)
    return page, sent


def main() -> None:
    chromium = find_chromium(FULL + SHELL)
    if chromium is None:
        raise SystemExit("needs Chromium: install it or name it in ECA_VIZ_CHROMIUM")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        measure_starts(browser, Path(folder) / "starts.txt")
        measure_clicks(browser, Path(folder))


if __name__ == "__main__":
    main()
