"""A link is opened, and another page of it before the first has any widgets."""

from urllib.parse import parse_qs, urlencode, urlsplit

from playwright.sync_api import Page, WebSocketRoute, expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from eca_viz.locale.texts import speaking, tr
from eca_viz.ui import state
from tests.ui.visit import WAIT


def test_what_the_link_asked_for_holds_on_a_page_that_is_opened_at_once(
    blank_page: Page, address: str
) -> None:
    page = blank_page
    asked = {
        state.LANGUAGE: "zh",
        state.NETWORK: "Tiny ResNet · ECA · Imagenette",
        state.IMAGE: "Cat",
    }
    with speaking("zh"):
        kernels, cat = tr("Kernels"), tr("Cat")
    held: list[str | bytes] = []
    pages: list[str] = []
    holding = False

    def slow(route: WebSocketRoute) -> None:
        """Until the click the browser has the first page's links and nothing else of it."""
        server = route.connect_to_server()

        def to_server(message: str | bytes) -> None:
            nonlocal holding
            assert isinstance(message, bytes)
            run = BackMsg.FromString(message).rerun_script
            if run.page_script_hash and not pages:
                holding = False
                for one in held:
                    route.send(one)
            if run.page_script_hash:
                pages.append(run.page_script_hash)
            server.send(message)

        def to_browser(message: str | bytes) -> None:
            nonlocal holding
            assert isinstance(message, bytes)
            if holding:
                held.append(message)
                return
            route.send(message)
            holding = not pages and ForwardMsg.FromString(message).HasField("navigation")

        route.on_message(to_server)
        server.on_message(to_browser)

    page.route_web_socket("**/_stcore/stream", slow)
    page.goto(f"{address}/?{urlencode(asked)}")
    link = page.get_by_role("link", name=kernels, exact=True)
    expect(link).to_be_visible(timeout=WAIT)
    page.wait_for_timeout(2000)  # meanwhile the server draws all of the first page
    assert held
    link.click()
    heading = page.get_by_role("heading", level=1, name=kernels, exact=True)
    expect(heading).to_be_visible(timeout=WAIT)
    expect(page.get_by_role("radio", name=cat, exact=True)).to_be_checked(timeout=WAIT)
    picker = page.locator(f".st-key-{state.NETWORK} [role=combobox]")
    expect(picker).to_have_value(asked[state.NETWORK])
    expect(page.locator(".st-key-kernel_sizes .main-svg").first).to_be_visible(timeout=WAIT)
    assert parse_qs(urlsplit(page.url).query) == {key: [value] for key, value in asked.items()}
    assert len(set(pages)) == 1
