"""What lies below the first screen follows, also where the browser's word of it is lost."""

from playwright.sync_api import Browser, WebSocketRoute

from tests.ui.visit import wait_for_result


def test_the_page_goes_on_although_the_first_word_of_the_browser_is_lost(
    browser: Browser, address: str
) -> None:
    told: list[int] = []

    def losing(route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def pass_on(message: str | bytes) -> None:
            sent = message.encode() if isinstance(message, str) else message
            if b"drawn" in sent and b"clicks" in sent:
                told.append(len(sent))
                if len(told) == 1:
                    return
            server.send(message)

        route.on_message(pass_on)

    page = browser.new_page(viewport={"width": 1400, "height": 1200})
    page.route_web_socket("**/_stcore/stream", losing)
    page.goto(address)
    wait_for_result(page)
    said = len(told)
    assert said >= 2  # once in vain
    page.wait_for_timeout(7000)
    assert len(told) == said  # and not again when it was heard
    page.close()
