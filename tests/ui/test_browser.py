"""A visit in real headless Chromium, from the first frame to a downloaded file."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image
from playwright.sync_api import Page, expect

import eca_viz
from eca_viz.analysis.familiarity import headline
from eca_viz.attention.variants import VARIANTS
from eca_viz.images.samples import SAMPLES
from eca_viz.kernel_size import adaptive_kernel_size
from eca_viz.networks.architectures.eca_resnet import eca_resnet18
from eca_viz.networks.bundled.ablation import trained_variants
from eca_viz.saliency.registry import METHODS
from eca_viz.ui.sections.mechanism_story import in_order
from tests.factories import make_pixels, randomise, save_training_checkpoint
from tests.hostile.weight_files import HARM, code
from tests.ui.visit import (
    WAIT,
    choose,
    drawn,
    expect_drawn,
    open_tab,
    same,
    upload,
    wait_for_result,
)


def test_the_first_visit_is_complete(page: Page) -> None:
    wait_for_result(page)
    best = eca_viz.explain(SAMPLES[0].read(), saliency=()).predictions[0]
    expect(page.get_by_role("heading", name=f"Prediction: {best.label}")).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_have_count(7, timeout=WAIT)
    expected = eca_viz.explain(SAMPLES[0].read(), saliency=()).attention
    expect_drawn(page, "overview", "z", [record.weights for record in expected])


def test_upload_look_and_download(page: Page, tmp_path: Path) -> None:
    """Upload an image, see its own result, change the layer, download the same numbers."""
    wait_for_result(page)
    before = drawn(page, "overview", "z")
    path = tmp_path / "mine.jpg"
    Image.fromarray(make_pixels(8)).save(path, quality=95)
    mine = eca_viz.explain(path, saliency=())

    upload(page, path)
    expect(page.get_by_text("mine.jpg, your image")).to_be_visible(timeout=WAIT)
    expect(page.get_by_role("heading", name=headline(mine))).to_be_visible(timeout=WAIT)
    wait_for_result(page)
    expect_drawn(page, "overview", "z", [record.weights for record in mine.attention])
    assert not same(drawn(page, "overview", "z"), before)

    choose(page, "Layer", "layer1.1.eca")
    expect(page.get_by_text("C = 64")).to_be_visible(timeout=WAIT)
    weights = mine.layer("layer1.1.eca").weights[0]
    assert same(drawn(page, "gates_over_channels", "y")[:1], [weights])
    assert "layer=layer1.1.eca" in page.url

    with page.expect_download(timeout=WAIT) as download:
        page.get_by_role("button", name="CSV").click()
    table = pd.read_csv(download.value.path())
    assert download.value.suggested_filename == "mine-attention.csv"
    rows = table[table["layer"] == "layer1.1.eca"]
    np.testing.assert_allclose(rows["weight"], weights, rtol=1e-4)


def test_a_saliency_method_runs_on_request(page: Page) -> None:
    wait_for_result(page)
    page.get_by_role("link", name="Saliency").click()
    expect(page.get_by_role("heading", name="Grad-CAM")).to_be_visible(timeout=WAIT)
    expect(page.locator(".js-plotly-plot")).to_have_count(1, timeout=WAIT)
    choose(page, "Methods", "Integrated Gradients")
    expect(page.get_by_text(re.compile("Convergence delta"))).to_be_visible(timeout=WAIT)
    choose(page, "Methods", "Occlusion")
    occlusion = next(method for method in METHODS if method.name == "occlusion")
    expect(page.get_by_text(re.compile(re.escape(occlusion.reading)))).to_be_visible(timeout=WAIT)
    values = drawn(page, "map-occlusion", "z")[0]
    expected = eca_viz.explain(SAMPLES[0].read(), saliency=("occlusion",)).saliency[0]
    np.testing.assert_allclose(values, expected.values, rtol=1e-3, atol=1e-4)


def test_a_long_method_can_be_stopped_and_run_again(blank_page: Page, address: str) -> None:
    page = blank_page
    page.goto(f"{address}/?photo=Cat")
    wait_for_result(page)
    page.get_by_role("link", name="Saliency").click()
    expect(page.get_by_role("heading", name="Grad-CAM")).to_be_visible(timeout=WAIT)
    choose(page, "Methods", "Occlusion")
    page.get_by_text("Parameters of Occlusion").click()
    stride = page.get_by_role("slider", name="Distance between squares in pixels")
    for _ in range(3):
        stride.press("ArrowLeft")  # 4 pixels: some thousand squares
    page.wait_for_timeout(2000)  # until only the last of these runs is left
    page.get_by_role("button", name="Stop").last.click(timeout=WAIT)
    expect(page.get_by_text("Stopped.")).to_be_visible(timeout=WAIT)
    page.get_by_role("button", name="Run again").click()
    expect(page.get_by_text(re.compile("Occlusion: [1-9]"))).to_be_visible(timeout=WAIT)
    expect(page.get_by_text("Stopped.")).to_have_count(0)


def test_a_scorecard_can_be_stopped(page: Page) -> None:
    wait_for_result(page)
    page.get_by_role("link", name="Saliency").click()
    page.get_by_role("button", name="Score these maps").click(timeout=WAIT)
    expect(page.get_by_text(re.compile("Scorecard: [0-9]"))).to_be_visible(timeout=WAIT)
    page.get_by_role("button", name="Stop").last.click(timeout=WAIT)
    expect(page.get_by_role("button", name="Score these maps")).to_be_visible(timeout=WAIT)
    expect(page.get_by_text(re.compile("Scorecard: [0-9]"))).to_have_count(0)


def test_a_bad_upload_leaves_everything_in_place(page: Page, tmp_path: Path) -> None:
    wait_for_result(page)
    before = drawn(page, "overview", "z")
    path = tmp_path / "letter.png"
    path.write_text("not an image")
    upload(page, path)
    expect(page.get_by_text(re.compile("letter.png is not an image"))).to_be_visible(timeout=WAIT)
    assert same(drawn(page, "overview", "z"), before)


def upload_checkpoint(page: Page, path: Path) -> None:
    uploader = page.locator(".st-key-checkpoint [data-testid=stFileUploader] input[type=file]")
    uploader.set_input_files(str(path), timeout=WAIT)


def expect_kernels(page: Page) -> None:
    """The charts of the page and of two of its tabs."""
    for key in ("kernel_sizes", "taps", "frequency_responses"):
        expect(page.locator(f".st-key-{key} .js-plotly-plot")).to_have_count(1, timeout=WAIT)
    page.get_by_role("tab", name="Adaptive rule").click()
    expect(page.locator(".st-key-adaptive_kernel .js-plotly-plot")).to_have_count(1, timeout=WAIT)
    expect(page.locator(".st-key-taps .js-plotly-plot")).to_have_count(0)


def test_an_uploaded_checkpoint_shows_its_layers_and_a_hostile_one_a_sentence(
    page: Page, tmp_path: Path
) -> None:
    good, bad = tmp_path / "mine.pth.tar", tmp_path / "evil.pth"
    save_training_checkpoint(randomise(eca_resnet18(kernel_sizes=(3, 3, 5, 7))), good)
    code(bad)
    wait_for_result(page)
    page.get_by_text("Your checkpoint", exact=True).click()
    upload_checkpoint(page, good)
    expect(page.get_by_text("knows 1,000 classes")).to_be_visible(timeout=WAIT)
    wait_for_result(page)
    mine = eca_viz.explain(SAMPLES[0].read(), network=good, saliency=())
    expect_drawn(page, "overview", "z", [record.weights for record in mine.attention])

    upload_checkpoint(page, bad)
    expect(page.get_by_text(re.compile("evil.pth holds more than tensors"))).to_be_visible(
        timeout=WAIT
    )
    expect(page.get_by_text(re.compile("The page shows ECA-ResNet-18"))).to_be_visible()
    assert not (tmp_path / HARM).exists()
    expect_drawn(page, "overview", "z", [record.weights for record in mine.attention])

    page.get_by_role("link", name="Kernels").click()
    expect(page.get_by_text(re.compile("the formula gives 5 for C = 512"))).to_be_visible(
        timeout=WAIT
    )
    expect_kernels(page)


def test_all_pages_open_from_the_navigation(page: Page) -> None:
    wait_for_result(page)
    page.get_by_role("link", name="Kernels").click()
    expect(page.get_by_text("Kernel size k")).to_be_visible(timeout=WAIT)
    expect_kernels(page)
    page.get_by_role("link", name="Attention").click()
    wait_for_result(page)


def test_mechanisms_side_by_side(page: Page) -> None:
    """The cards are complete; another stage shows the gates that Python gives for it."""
    wait_for_result(page)
    page.get_by_role("link", name="Mechanisms").click()
    for variant in VARIANTS:
        card = page.locator(f".st-key-matrix-{variant.name} .js-plotly-plot")
        expect(card).to_have_count(1, timeout=WAIT)
    heads = page.locator("[class*=st-key-mechanism-] strong + .katex, p:has(strong) > .katex")
    assert heads.count() >= len(VARIANTS)
    expect(page.get_by_text("256 parameters")).to_have_count(2)  # SE-Var3 and SE-GC2 at C = 16
    page.get_by_role("tab", name="Same image through all").click()
    choose(page, "Stage", "layer2")
    expected = []
    for name in in_order(trained_variants()).values():
        attention = eca_viz.explain(SAMPLES[0].read(), name, saliency=()).attention
        expected += [one.weights[0] for one in attention if one.stage == "layer2"]
    expect_drawn(page, "gates", "z", [np.stack(expected)])
    assert "stage=layer2" in page.url
    page.get_by_role("button", name="r, G, k, trained W").click()
    choose(page, "Matrices of", "the trained layer1")
    expect(page.get_by_text("no W to learn")).to_be_visible(timeout=WAIT)
    expect(page.locator(".st-key-matrix-se .js-plotly-plot")).to_have_count(1, timeout=WAIT)


def test_the_adaptive_kernel_is_moved(page: Page) -> None:
    wait_for_result(page)
    page.get_by_role("link", name="Kernels").click()
    open_tab(page, "Adaptive rule")
    expect(page.locator(".st-key-adaptive_kernel .js-plotly-plot")).to_have_count(1, timeout=WAIT)
    before = drawn(page, "adaptive_kernel", "y")
    assert before[0].max() == adaptive_kernel_size(4096)
    page.get_by_role("slider", name="γ").press("ArrowLeft")
    expect(page.get_by_text(re.compile("With γ = 1.5 and b = 1"))).to_be_visible(timeout=WAIT)
    staircase, layers = drawn(page, "adaptive_kernel", "y")
    assert staircase.max() == adaptive_kernel_size(4096, gamma=1.5)
    np.testing.assert_array_equal(layers, before[1])
