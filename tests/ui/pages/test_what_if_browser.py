"""What if in real Chromium: set a gate to zero, see the prediction change, open the link again."""

import re

import pytest
from playwright.sync_api import Page, expect

import eca_viz
from eca_viz.analysis.attention import standing_out, widest
from eca_viz.images.samples import SAMPLES
from eca_viz.records import Explanation
from tests.ui.visit import WAIT, choose, expect_drawn, open_tab, wait_for_result

LAYER = "layer3.1.eca"


@pytest.fixture(scope="module")
def before() -> Explanation:
    return eca_viz.explain(SAMPLES[0].read(), saliency=())


def expect_changed(page: Page, before: Explanation, *gates: str) -> None:
    """Headline and overview are those that Python gives for the same changes."""
    after = eca_viz.explain(SAMPLES[0].read(), saliency=(), gates=gates)
    share = after.probabilities[before.predictions[0].index]
    headline = page.get_by_role("heading", name=re.compile(rf"{share:.1%}".replace(".", r"\.")))
    expect(headline).to_be_visible(timeout=WAIT)
    expect_drawn(page, "changed_overview", "z", [one.weights for one in after.attention])


def test_a_gate_is_set_to_zero_and_the_link_opens_the_same_view(
    page: Page, before: Explanation
) -> None:
    wait_for_result(page)
    page.get_by_role("link", name="What if").click()
    expect_changed(page, before, "all:ones")

    choose(page, "What if the gates were", "One channel by hand")
    record = before.layer(LAYER)
    assert record is widest(before.attention)
    zero = f"{LAYER}:channel={standing_out(record)},0"
    expect_changed(page, before, zero)

    page.get_by_role("button", name="Keep this one").click()
    # Streamlit's answer writes the whole address: what is picked before it comes is lost there.
    expect(page).to_have_url(re.compile("gates="), timeout=WAIT)
    choose(page, "What if the gates were", "All one half")
    choose(page, "Where", "layer2")
    expect_changed(page, before, zero, "layer2:half")

    again = page.context.new_page()
    again.goto(page.url)
    expect_changed(again, before, zero, "layer2:half")


def test_which_gates_matter_is_measured_on_the_page(page: Page) -> None:
    wait_for_result(page)
    page.get_by_role("link", name="What if").click()
    open_tab(page, "Which gates matter")
    expect(page.get_by_text(re.compile("Spearman's ρ = "))).to_be_visible(timeout=WAIT)
    for key in ("gate_effect", "attribution_effect", "layer_effects"):
        expect(page.locator(f".st-key-{key} .js-plotly-plot")).to_have_count(1, timeout=WAIT)
