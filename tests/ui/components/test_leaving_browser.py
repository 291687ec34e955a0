"""A page that is being left says nothing more: it would empty the page that is coming."""

import re

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect
from streamlit.proto.BackMsg_pb2 import BackMsg

from tests.ui.visit import WAIT, wait_for_result

# The link is clicked in the moment before the browser would say that the page is drawn.
CLICK_ONCE_DRAWN = """name => new Promise(done => {
    const look = () => {
        const plots = [...document.querySelectorAll(".js-plotly-plot")];
        const drawn = plots.length && plots.every(plot => plot.querySelector(".main-svg"))
            && !document.querySelector("[data-testid=stSkeleton]")
            && window[Symbol.for("eca_viz.leaving")];
        if (!drawn) { setTimeout(look, 10); return; }
        const links = [...document.querySelectorAll("[data-testid=stSidebarNavLink]")];
        links.find(link => link.innerText.includes(name)).click();
        done();
    };
    look();
})"""


@pytest.mark.parametrize("early", [False, True], ids=["once drawn", "at once"])
def test_a_page_stays_whose_link_was_clicked_before_the_first_one_was_told_drawn(
    early: bool, browser: Browser, address: str
) -> None:
    """Streamlit's front end takes whatever names another page for a change of the page."""
    asked: list[str] = []  # the pages that messages name, from the click on
    held: list[str | bytes] = []
    holding = False
    page = browser.new_page(viewport={"width": 1400, "height": 1200})
    routes: list[WebSocketRoute] = []

    def slow(route: WebSocketRoute) -> None:
        server = route.connect_to_server()
        routes.append(route)

        def to_server(message: str | bytes) -> None:
            nonlocal holding
            assert isinstance(message, bytes)
            sent = BackMsg.FromString(message)
            run = sent.rerun_script
            if asked or (run.page_script_hash and not run.fragment_id):
                holding = holding or not asked
                asked.append(run.page_script_hash)
            server.send(message)

        route.on_message(to_server)
        server.on_message(lambda m: held.append(m) if holding else route.send(m))

    page.route_web_socket("**/_stcore/stream", slow)
    page.goto(address)
    if early:  # perhaps before the component is there that keeps order
        page.get_by_role("link", name="Kernels").click()
    else:
        page.evaluate(CLICK_ONCE_DRAWN, "Kernels")
    page.wait_for_timeout(3000)  # a slow connection
    holding = False
    for message in held:
        routes[-1].send(message)
    tab = page.get_by_role("tab", name="Adaptive rule", exact=True)
    expect(tab).to_be_visible(timeout=WAIT)
    page.wait_for_timeout(3000)
    expect(tab).to_be_visible()
    assert held
    assert len(set(asked)) == 1
    page.close()


def test_what_looks_like_a_link_and_opens_no_page_is_left_alone(page: Page) -> None:
    """Plotly saves a picture by a link that is in the page for a moment."""
    wait_for_result(page)
    chart = page.locator(".st-key-overview .js-plotly-plot")
    chart.hover()
    with page.expect_download(timeout=WAIT) as download:
        chart.locator(".modebar-btn[data-title*='PNG']").click()
    assert download.value.failure() is None
    assert download.value.path().read_bytes().startswith(b"\x89PNG")
    assert not page.evaluate("window[Symbol.for('eca_viz.leaving')]()")


def test_a_link_is_followed_from_the_keyboard_and_in_the_page(page: Page) -> None:
    wait_for_result(page)
    page.get_by_role("link", name="Kernels").press("Enter")
    expect(page).to_have_url(re.compile("/kernels"), timeout=WAIT)
    page.get_by_role("link", name="Attention", exact=True).click()
    wait_for_result(page)
    page.locator("[data-testid=stPageLink-NavLink]").click()
    expect(page).to_have_url(re.compile("/channel"), timeout=WAIT)
    expect(page).to_have_title("Channel · eca_viz", timeout=WAIT)
    assert not page.evaluate("window[Symbol.for('eca_viz.leaving')]()")
