"""What a visitor does and sees: choosing, uploading, and the numbers that charts have."""

from pathlib import Path

import numpy as np
from playwright.sync_api import Page, TimeoutError, expect

from tests.ui.factories import decode

WAIT = 60_000


def drawn(page: Page, key: str, axis: str) -> list[np.ndarray]:
    """The numbers that the traces of a chart have in the browser.

    While a page is drawn again, the old and the new chart are there together for a moment.
    """
    values = page.wait_for_function(
        """([key, axis]) => {
            const plots = document.querySelectorAll(`.st-key-${key} .js-plotly-plot`);
            return plots.length == 1 && plots[0].data && plots[0].data.map(trace => trace[axis]);
        }""",
        arg=[key, axis],
        timeout=WAIT,
    )
    return [decode(value) for value in values.json_value()]


def expect_drawn(page: Page, key: str, axis: str, expected: list[np.ndarray]) -> None:
    """Waits until the chart shows these numbers; before, it may still show the last ones."""
    for _ in range(300):
        values = drawn(page, key, axis)
        if [v.shape for v in values] == [e.shape for e in expected] and all(
            np.allclose(v, e, rtol=1e-4, atol=1e-6) for v, e in zip(values, expected, strict=True)
        ):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"the chart {key} does not show the expected numbers but {values}")


def choose(page: Page, label: str, option: str) -> None:
    """Picks with the keyboard; a page that still draws shuts the picker, so it may take two.

    Or it opens the picker again, and what lies behind an open one is hidden from everybody.
    """
    for _ in range(15):
        page.get_by_role("combobox", name=label).press("ArrowDown")
        try:
            page.get_by_role("option", name=option).click(timeout=2000)
        except TimeoutError:
            continue
        page.wait_for_timeout(500)
        if page.get_by_role("listbox").count():
            page.keyboard.press("Escape")
        return
    raise AssertionError(f"{label} does not offer {option}")


def open_tab(page: Page, title: str) -> None:
    page.get_by_role("tab", name=title, exact=True).click(timeout=WAIT)


def same(ours: list[np.ndarray], theirs: list[np.ndarray]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))


def wait_for_result(page: Page) -> None:
    expect(page.get_by_role("heading", name="Downloads")).to_be_visible(timeout=WAIT)
    skeletons = page.locator("[data-testid=stSkeleton], [data-testid=stSkeletonElement]")
    expect(skeletons).to_have_count(0, timeout=WAIT)


def upload(page: Page, path: Path) -> None:
    uploader = page.locator(".st-key-uploads [data-testid=stFileUploader] input[type=file]")
    uploader.set_input_files(str(path))
