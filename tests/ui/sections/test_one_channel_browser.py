"""One channel in real Chromium: clicked, followed step by step, played, and found again by link."""

import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect

import eca_viz
from eca_viz import figures
from eca_viz.analysis.attention import gate_range, standing_out, widest
from eca_viz.images.samples import SAMPLES
from eca_viz.inspection.channel_steps import channel_steps
from eca_viz.inspection.feature_maps import feature_maps
from eca_viz.networks.loading import load_network
from eca_viz.networks.registry import DEFAULT_NETWORK
from eca_viz.records import ChannelSteps, Explanation
from tests.ui.visit import WAIT, drawn, open_tab, wait_for_result

SHOWN = """() => {
    const plot = document.querySelector('.st-key-window .js-plotly-plot');
    return plot.data[plot.data.length - 1].text[0];
}"""


@pytest.fixture(scope="module")
def explanation() -> Explanation:
    return eca_viz.explain(SAMPLES[0].read(), saliency=())


def steps(explanation: Explanation, layer: str, channel: int) -> ChannelSteps:
    return channel_steps(load_network(DEFAULT_NETWORK), explanation, layer, [channel])[0]


def click(page: Page, key: str, across: float, down: float) -> None:
    """At a share of the way across and down a chart's plotting area."""
    page.locator(f".st-key-{key}").scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    area = page.locator(f".st-key-{key} .nsewdrag").first.bounding_box()
    assert area
    x, y = area["x"] + across * area["width"], area["y"] + down * area["height"]
    page.mouse.move(x - 3, y)
    page.mouse.move(x, y)
    page.wait_for_timeout(300)  # Plotly takes the point that it hovers
    page.mouse.click(x, y)


def expect_channel(page: Page, explanation: Explanation, layer: str, channel: int) -> None:
    """Address bar, pickers and step view agree, with the numbers that Python gives."""
    one = steps(explanation, layer, channel)
    expect(page.get_by_role("heading", name=f"Channel {channel}, step by step")).to_be_visible(
        timeout=WAIT
    )
    expect(page.get_by_text(f"ω = 1 / (1 + e⁻ᶻ) = {one.weight:.6g}")).to_be_visible(timeout=WAIT)
    expect(page.locator(".st-key-channel input")).to_have_value(str(channel))
    expect(page).to_have_url(re.compile(rf"channel={channel}\b"), timeout=WAIT)
    expect(page).to_have_url(re.compile(rf"layer={re.escape(layer)}"), timeout=WAIT)
    page.wait_for_function(
        """value => document.querySelector('.st-key-steps .js-plotly-plot').data[2].text.at(-1)
            == value""",
        arg=f"{one.logit:.4f}",
        timeout=WAIT,
    )
    values, taps = drawn(page, "steps", "y")[:2]
    np.testing.assert_allclose(values, one.terms.values, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(taps, one.terms.coefficients, rtol=1e-4)


def expect_mark(page: Page, left: float, right: float, top: float, bottom: float) -> None:
    """The frame in the overview lies at these shares of the way across and down."""
    mark = page.locator(".st-key-overview .picked-cell").bounding_box()
    area = page.locator(".st-key-overview .nsewdrag").first.bounding_box()
    assert mark
    assert area
    for at, length, ends in (("x", "width", (left, right)), ("y", "height", (top, bottom))):
        found = [mark[at] - area[at], mark[at] + mark[length] - area[at]]
        np.testing.assert_allclose(found, [end * area[length] for end in ends], atol=4)


def test_click_a_cell_follow_it_play_and_reopen_the_link(
    page: Page, explanation: Explanation
) -> None:
    wait_for_result(page)
    open_tab(page, "Channel step by step")
    rows = len(explanation.attention)
    click(page, "overview", 10.5 / 64, 1.5 / rows)
    expect_channel(page, explanation, "layer1.1.eca", 10)
    click(page, "overview", 5.5 / 64, 0.5 / rows)
    expect_channel(page, explanation, "layer1.0.eca", 5)
    expect_mark(page, 5 / 64, 6 / 64, 0 / rows, 1 / rows)

    page.get_by_text("Let the window slide along the channels").click()
    page.locator(".st-key-window .js-plotly-plot").wait_for(timeout=WAIT)
    page.locator(".st-key-window").scroll_into_view_if_needed()
    page.wait_for_function(f"({SHOWN})().startsWith('z')", timeout=WAIT)
    before = page.evaluate(SHOWN)
    page.locator(".st-key-window .updatemenu-button", has_text="Play").click()
    page.wait_for_function(f"before => ({SHOWN})() != before", arg=before, timeout=WAIT)
    page.locator(".st-key-window .updatemenu-button", has_text="Pause").click()
    page.wait_for_timeout(1000)
    paused = page.evaluate(SHOWN)
    page.wait_for_timeout(2000)
    assert page.evaluate(SHOWN) == paused
    seen = {
        f"z = {one.logit:.4f}<br>ω = {one.weight:.4f}"
        for one in channel_steps(
            load_network(DEFAULT_NETWORK), explanation, "layer1.0.eca", range(24)
        )
    }
    assert paused in seen

    again = page.context.new_page()
    again.goto(page.url)
    wait_for_result(again)
    again.locator(".st-key-window .js-plotly-plot").wait_for(timeout=WAIT)
    expect_channel(again, explanation, "layer1.0.eca", 5)


def test_a_click_on_a_layer_of_the_network_picks_it(page: Page, explanation: Explanation) -> None:
    wait_for_result(page)
    record = explanation.layer("layer2.1.eca")
    figure = figures.network_picture(explanation.attention)
    start, end = figure.layout.xaxis.range
    (bar,) = (trace for trace in figure.data if trace.name == record.layer)
    click(page, "network_picture", (bar.x[0] - start) / (end - start), 0.5)
    expect(page).to_have_url(re.compile(r"layer=layer2\.1\.eca"), timeout=WAIT)
    expect(page.locator(".st-key-channel input")).to_have_value(
        str(standing_out(record)), timeout=WAIT
    )
    rows = len(explanation.attention)
    left = standing_out(record) / record.channels
    expect_mark(page, left, left + 1 / record.channels, 3 / rows, 4 / rows)


def test_the_first_screen_holds_the_network_and_all_its_gates(page: Page) -> None:
    page.set_viewport_size({"width": 1400, "height": 900})
    wait_for_result(page)
    for key in ("network_picture", "overview"):
        box = page.locator(f".st-key-{key} .js-plotly-plot").bounding_box()
        assert box
        assert 0 <= box["y"] <= box["y"] + box["height"] <= 900


def test_a_click_in_a_layers_chart_picks_the_channel(page: Page, explanation: Explanation) -> None:
    wait_for_result(page)
    record = widest(explanation.attention)
    order = np.argsort(-record.weights[0], kind="stable")
    low, high = gate_range(explanation.attention)
    middle = float(record.weights[0, order[record.channels // 2]])
    page.locator(".st-key-sorted_gates .main-svg").first.wait_for(timeout=WAIT)
    click(page, "sorted_gates", 0.5, (high - middle) / (high - low))
    expect(page).to_have_url(re.compile(r"channel=\d+"), timeout=WAIT)
    found = re.search(r"channel=(\d+)", page.url)
    assert found
    rank = int(np.flatnonzero(order == int(found[1]))[0])
    assert abs(rank - record.channels / 2) < 30
    one = steps(explanation, record.layer, int(found[1]))
    open_tab(page, "Channel step by step")
    expect(page.get_by_text(f"ω = 1 / (1 + e⁻ᶻ) = {one.weight:.6g}")).to_be_visible(timeout=WAIT)


def test_saliency_of_the_clicked_channel(page: Page) -> None:
    wait_for_result(page)
    open_tab(page, "Feature maps")
    page.locator(".st-key-ask").get_by_text("Input × Gradient").click()
    expect(page.locator(".st-key-channel_saliency .js-plotly-plot")).to_have_count(1, timeout=WAIT)
    assert drawn(page, "channel_saliency", "z")[0].any()
    expect(page.locator("[data-testid=stSkeleton]")).to_have_count(0, timeout=WAIT)


POINTED_AT = """([x, y]) => {
    const found = document.elementFromPoint(x, y).closest('.st-key-block g, .st-key-block path');
    return found && found.querySelector(':scope > title')?.textContent;
}"""
INK = "drawing => getComputedStyle(drawing).fill"


def test_the_block_can_be_pointed_at_and_takes_the_pages_colours(
    page: Page, explanation: Explanation
) -> None:
    wait_for_result(page)
    open_tab(page, "Channel step by step")
    record = widest(explanation.attention)
    channel = standing_out(record)
    block = page.locator(".st-key-block svg")
    expect(block).to_be_visible(timeout=WAIT)
    expect(block).to_have_attribute("role", "img")
    block.scroll_into_view_if_needed()
    for words, value in (
        (f"channel {channel}: y", record.descriptor[0, channel]),
        ("logit z", record.logits[0, channel]),
        ("gate ω", record.weights[0, channel]),
    ):
        title = page.locator("title", has_text=f"{words} = ")
        box = block.locator("g", has=title).last.bounding_box()
        assert box, words
        at = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
        said, _, number = page.evaluate(POINTED_AT, at).partition(" = ")
        assert said == words
        # The page shows the shipped explanation, which another processor has rounded.
        assert float(number.replace("−", "-")) == pytest.approx(float(value), rel=1e-4)
    corner = block.locator("path").first.bounding_box()
    assert corner
    told = page.evaluate(POINTED_AT, [corner["x"] + 2, corner["y"] + 2])
    network = load_network(DEFAULT_NETWORK)
    first = feature_maps(network, explanation, record.layer).before[channel, 0, 0]
    assert told.startswith("(0, 0) ")
    assert float(told.rpartition(" ")[2].replace("−", "-")) == pytest.approx(float(first), rel=1e-4)

    light = block.evaluate(INK)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(
        "light => getComputedStyle(document.querySelector('.st-key-block svg')).fill != light",
        arg=light,
        timeout=WAIT,
    )


def test_on_a_narrow_screen_the_block_stays_legible(page: Page) -> None:
    page.set_viewport_size({"width": 420, "height": 900})
    wait_for_result(page)
    open_tab(page, "Channel step by step")
    block = page.locator(".st-key-block svg")
    expect(block).to_be_visible(timeout=WAIT)
    size = block.locator("text").first.evaluate(
        "text => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a"
    )
    assert size >= 14
    assert page.evaluate("document.documentElement.scrollWidth") == 420
