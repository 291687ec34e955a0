"""Classes, Channel and Images in a browser: a class picked, a link in a new window, a CSV."""

import io
import re
from pathlib import Path

import numpy as np
import pandas as pd
from playwright.sync_api import Page, expect

import eca_viz
from eca_viz.networks.loading import load_network
from eca_viz.networks.registry import DEFAULT_NETWORK, find_network
from eca_viz.statistics.shipped import shipped_statistics
from tests.ui.factories import png
from tests.ui.visit import wait_for_result

SECONDS = 60_000
# Names of the drawn lines, in the legend of the chart that a key names.
LEGEND = """key => [...document.querySelectorAll(`.st-key-${key} .legendtext`)]
    .map(one => one.textContent)"""


def test_a_class_is_picked_and_a_channel_opened_in_a_new_window(page: Page) -> None:
    wait_for_result(page)
    page.get_by_role("link", name="Classes", exact=True).click()
    page.locator(".st-key-class_gates .js-plotly-plot").wait_for(timeout=SECONDS)
    picker = page.locator(".st-key-classes")
    picker.locator("input").click()
    page.get_by_role("option", name="parachute").click()
    page.keyboard.press("Escape")
    page.wait_for_function(f"({LEGEND})('class_gates').includes('parachute')", timeout=SECONDS)
    assert page.evaluate(LEGEND, "class_gates")[:2] == ["all ± sd", "all images"]

    page.get_by_role("link", name="Channel over many images").click()
    page.locator(".st-key-gate_histogram .js-plotly-plot").wait_for(timeout=SECONDS)
    page.get_by_role("spinbutton", name="Channel").fill("17")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=re.compile("^Channel 17 of"))).to_be_visible(
        timeout=SECONDS
    )
    assert "channel=17" in page.url
    heading = page.get_by_role("heading", name=re.compile("^Channel 17 of")).inner_text()

    window = page.context.new_page()
    window.goto(page.url)
    expect(window.get_by_role("heading", name=heading)).to_be_visible(timeout=SECONDS)
    found = shipped_statistics(DEFAULT_NETWORK, find_network(DEFAULT_NETWORK).sha256)
    assert found is not None
    layer = found.layer(heading.split(" of ")[1])
    expect(window.get_by_text(f"{layer.total.mean[17]:.4f} ± ")).to_be_visible(timeout=SECONDS)


def test_twenty_uploads_have_the_numbers_of_python_in_their_csv(page: Page, tmp_path: Path) -> None:
    wait_for_result(page)
    page.get_by_role("link", name="Images", exact=True).click()
    csv = page.get_by_role("button", name="CSV", exact=True)
    expect(csv).to_be_visible(timeout=SECONDS)
    paths = []
    for seed in range(20):
        paths.append(tmp_path / f"{seed:02}.png")
        paths[-1].write_bytes(png(seed))
    page.locator(".st-key-uploads input[type=file]").set_input_files(paths)
    expect(page.get_by_text(re.compile("^19.png: "))).to_be_visible(timeout=SECONDS)
    with page.expect_download() as download:
        csv.click()
    table = pd.read_csv(io.BytesIO(download.value.path().read_bytes())).set_index("image")
    assert len(table) == 28
    network = load_network(DEFAULT_NETWORK)
    for seed in (0, 7, 19):
        expected = eca_viz.explain(png(seed), network, ())
        row = table.loc[f"{seed:02}.png"]
        assert row["prediction"] == expected.predictions[0].label
        np.testing.assert_allclose(row["probability"], expected.predictions[0].probability)
        for record in expected.attention:
            mean = record.weights[0].mean()
            np.testing.assert_allclose(row[f"mean_gate.{record.layer}"], mean, rtol=1e-6)
