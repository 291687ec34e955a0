"""serve(): the app on a model that a script has made, in its own process."""

import subprocess
import sys

from playwright.sync_api import Browser, expect

from tests.ui.factories import ROOT
from tests.ui.visit import WAIT, wait_for_result


def test_a_script_shows_its_model_and_then_another(browser: Browser) -> None:
    script = subprocess.Popen(
        [sys.executable, "-m", "tests.ui.served"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert script.stdin is not None
    assert script.stdout is not None
    addresses = []
    for number in (2, 3):
        addresses.append(script.stdout.readline().strip())
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.goto(addresses[-1])
        wait_for_result(page)
        expect(page.get_by_text(f"This network knows only {number} classes")).to_be_visible()
        expect(page.get_by_role("combobox", name="Layer")).to_have_value("2", timeout=WAIT)
        page.close()
        script.stdin.write("\n")
        script.stdin.flush()
    _, said = script.communicate(timeout=60)
    assert addresses[0] == addresses[1]
    assert addresses[0].startswith("http://127.0.0.1:")
    assert "Traceback" not in said, said
    assert script.returncode == 0
