"""In the browser: pin, compare, export everything, and open the link of the export."""

import io
import json
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
from playwright.sync_api import Browser, Page, expect

import eca_viz
from eca_viz import figures
from eca_viz.analysis.attention import gate_range
from eca_viz.analysis.class_matching import prediction_table
from eca_viz.analysis.comparison import difference, gates_table
from eca_viz.images.samples import find_sample
from eca_viz.records import Explanation
from tests.export.checks import check_snippet, check_table
from tests.ui.visit import WAIT, choose, drawn, expect_drawn, open_tab, same, wait_for_result

# A page, a tab of it, and its last chart.
EXPORTED = (
    ("Saliency", "", "map-grad_cam"),
    ("Kernels", "Adaptive rule", "kernel_sweep"),
    ("Mechanisms", "What one channel changes", "bottleneck"),
    ("What if", "Which gates matter", "layer_effects"),
)
SVG = "{http://www.w3.org/2000/svg}"


def export(page: Page) -> dict[str, bytes]:
    """Clicks the one button; the files in what is saved, by name."""
    button = page.get_by_role("button", name="Export everything (ZIP)")
    expect(page.locator("[data-testid=stSkeleton]")).to_have_count(0, timeout=WAIT)
    with page.expect_download(timeout=WAIT) as download:
        button.click()
    expect(page.get_by_text(f"{download.value.suggested_filename} is saved.")).to_be_visible()
    expect(button).to_be_enabled()
    with zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def check_figures(page: Page, files: dict[str, bytes]) -> None:
    """An SVG and an HTML file for every chart on the screen, of its size, and with marks in it."""
    svgs = {name: data for name, data in files.items() if name.endswith(".svg")}
    charts = page.locator(".js-plotly-plot")
    expect(charts).to_have_count(len(svgs), timeout=WAIT)  # those of another tab go a little later
    boxes = [charts.nth(number).bounding_box() for number in range(charts.count())]
    sizes = sorted((round(box["width"]), round(box["height"])) for box in boxes if box)
    found = []
    for name, data in svgs.items():
        assert name.replace(".svg", ".html") in files
        root = ElementTree.fromstring(data)
        assert root.tag == f"{SVG}svg"
        found.append((int(root.attrib["width"]), int(root.attrib["height"])))
        marks = [e for e in root.iter() if e.tag in {f"{SVG}path", f"{SVG}image", f"{SVG}rect"}]
        assert len(marks) > 3, name
        assert b"blob:" not in data
    assert all(
        abs(a - b) <= 1
        for ours, seen in zip(sorted(found), sizes, strict=True)
        for a, b in zip(ours, seen, strict=True)
    )


def check_html(browser: Browser, files: dict[str, bytes], name: str, folder: Path) -> Page:
    """Opens a figure's page as a file, without the app; Plotly must have drawn it."""
    for part in ("figures/plotly.min.js", name):
        path = folder / part
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(files[part])
    visit = browser.new_page()
    visit.goto((folder / name).as_uri())
    expect(visit.locator(".js-plotly-plot .main-svg").first).to_be_visible(timeout=WAIT)
    return visit


def explain(image: str, **options: object) -> Explanation:
    return eca_viz.explain(find_sample(image).read(), **options)


def test_everything_in_one_file_and_back_by_its_link(
    page: Page, address: str, browser: Browser, tmp_path: Path
) -> None:
    page.goto(f"{address}/?photo=Cat")
    wait_for_result(page)
    choose(page, "Layer", "layer2.1.eca")
    expected = explain("chelsea", saliency=("grad_cam",))
    record = expected.layer("layer2.1.eca")
    weights = record.weights[0]
    shown = figures.gates_over_channels(record, gate_range(expected.attention))
    expect_drawn(page, "gates_over_channels", "y", [trace.y for trace in shown.data])
    files = export(page)

    check_table(pd.read_csv(io.BytesIO(files["attention.csv"])), expected)
    check_table(pd.read_parquet(io.BytesIO(files["attention.parquet"])), expected)
    assert b"plotly" in files["report.html"]
    check_figures(page, files)
    name = next(name for name in files if "gates_over_channels.html" in name)
    alone = check_html(browser, files, name, tmp_path)
    shown = alone.evaluate("[...document.querySelector('.js-plotly-plot')._fullData[0].y]")
    np.testing.assert_allclose(shown, weights, rtol=1e-6)
    alone.close()

    manifest = json.loads(files["explanation.json"])
    check_snippet(manifest["snippet"], expected, tmp_path)
    again = page.context.new_page()
    again.goto(manifest["link"])
    wait_for_result(again)
    for key, axis in (("overview", "z"), ("gates_over_channels", "y"), ("overlay", "z")):
        assert same(drawn(again, key, axis), drawn(page, key, axis)), key
    again.close()


def test_the_block_is_exported_while_it_is_shown(page: Page) -> None:
    wait_for_result(page)
    assert "figures/block.svg" not in export(page)
    open_tab(page, "Channel step by step")
    expect(page.locator(".st-key-block svg")).to_be_visible(timeout=WAIT)
    wait_for_result(page)
    root = ElementTree.fromstring(export(page)["figures/block.svg"])
    shown = page.locator(".st-key-block svg")
    assert root.tag == f"{SVG}svg"
    assert root.attrib["aria-label"] == shown.get_attribute("aria-label")
    open_tab(page, "Layer")
    expect(shown).to_have_count(0, timeout=WAIT)
    assert "figures/block.svg" not in export(page)


def test_pin_compare_export_and_reopen(page: Page, tmp_path: Path) -> None:
    wait_for_result(page)
    page.get_by_role("button", name="Pin as A").click()
    expect(page.get_by_role("button", name="Unpin")).to_be_visible(timeout=WAIT)
    page.get_by_text("Cat", exact=True).click()
    page.get_by_role("link", name="Compare").click()
    expect(page.get_by_text("A: Temple")).to_be_visible(timeout=WAIT)
    expect(page.get_by_text("B: Cat")).to_be_visible(timeout=WAIT)
    a, b = explain("china", saliency="grad_cam"), explain("chelsea", saliency="grad_cam")
    found = eca_viz.compare(a, b)
    differences = [difference(pair)[None] for pair in found.pairs]
    expect_drawn(page, "comparison_overview", "z", differences)
    page.get_by_role("tab", name="One layer").click()
    choose(page, "Layer", "layer3.0.eca")
    pair = found.partner("layer3.0.eca")
    expect_drawn(page, "comparison_layer", "y", [pair.a.weights[0], pair.b.weights[0]])
    one_layer = page.url
    page.get_by_role("tab", name="Saliency").click()
    apart = a.saliency[0].values - b.saliency[0].values
    largest = float(np.abs(apart).max())
    expect_drawn(page, "map-a", "z", [a.saliency[0].values])
    np.testing.assert_allclose(drawn(page, "map-difference", "z")[0], apart, atol=1e-3 * largest)

    files = export(page)
    check_figures(page, files)
    for side, expected in (("a", a), ("b", b)):
        check_table(pd.read_csv(io.BytesIO(files[f"{side}/attention.csv"])), expected)
        snippet = json.loads(files[f"{side}/explanation.json"])["snippet"]
        check_snippet(snippet, expected, tmp_path)
    table = pd.read_csv(io.BytesIO(files["differences.csv"]))
    np.testing.assert_allclose(table["difference"], gates_table(found)["difference"], atol=1e-6)
    points = pd.read_csv(io.BytesIO(files["predictions.csv"]))["points"]
    np.testing.assert_allclose(points, prediction_table(found)["points"], atol=1e-3)

    link = json.loads(files["b/explanation.json"])["link"]
    assert "a=china" in link
    again = page.context.new_page()
    again.goto(link)
    expect(again.get_by_text("A: Temple")).to_be_visible(timeout=WAIT)
    expect_drawn(again, "map-a", "z", [a.saliency[0].values])
    again.get_by_role("tab", name="All layers, A − B").click()
    expect_drawn(again, "comparison_overview", "z", differences)
    again.goto(one_layer)
    expect_drawn(again, "comparison_layer", "y", [pair.a.weights[0], pair.b.weights[0]])
    again.close()


def test_every_page_can_be_exported(page: Page) -> None:
    wait_for_result(page)
    for name, tab, last in EXPORTED:
        page.get_by_role("link", name=name, exact=True).click()
        if tab:
            page.get_by_role("tab", name=tab).click(timeout=WAIT)
        expect(page.locator(f".st-key-{last} .js-plotly-plot")).to_have_count(1, timeout=WAIT)
        wait_for_result(page)
        files = export(page)
        check_figures(page, files)
        manifests = [json.loads(data) for file, data in files.items() if file.endswith(".json")]
        assert manifests, name
        assert {manifest["link"] for manifest in manifests} == {page.url}, name
