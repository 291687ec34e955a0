"""Under which names the app answers, and the headers that it adds."""

import asyncio
from typing import Any

import pytest
import streamlit as st
import streamlit.config

from eca_viz.ui.door import Door, welcome


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names in server.allowedHosts."""
    names: list[str] = []
    known = st.get_option

    def get(name: str) -> Any:
        return names if name == "server.allowedHosts" else known(name)

    monkeypatch.setattr(st, "get_option", get)
    monkeypatch.setattr(streamlit.config, "get_option", get)
    return names


def ask(
    host: str, scope: str = "http", query: str = "", kind: str = "text/html"
) -> tuple[list[dict], bool]:
    """What is sent for a request to `host`, and whether the app behind the door saw it."""
    sent: list[dict] = []
    seen = []

    async def app(scope, receive, send) -> None:
        seen.append(scope)
        await send(
            {
                "type": f"{scope['type']}.response.start",
                "headers": [(b"content-type", kind.encode())],
            }
        )

    async def keep(message) -> None:
        sent.append(message)

    asyncio.run(
        Door(app)(
            {"type": scope, "headers": [(b"host", host.encode())], "query_string": query.encode()},
            None,
            keep,
        )
    )
    return sent, bool(seen)


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8501", "127.0.0.1:8501", "[::1]:8501", "192.168.1.7:80", None]
)
def test_this_machine_and_addresses_are_welcome(host: str | None, listed: list[str]) -> None:
    assert welcome(host)
    listed.append("demo.example.org")
    assert welcome(host)


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example:8501", "", "[", "a@::1"])
def test_other_names_are_not(host: str, listed: list[str]) -> None:
    assert not welcome(host)
    listed.append("demo.example.org")
    assert not welcome(host)
    assert welcome("demo.example.org:443")


@pytest.mark.usefixtures("listed")
def test_another_name_gets_a_sentence_and_no_page() -> None:
    (start, body), seen = ask("evil.example:8501")
    assert not seen
    assert start["status"] == 403
    assert body["body"].startswith(b"eca_viz does not answer under the name 'evil.example'. ")
    assert dict(start["headers"])[b"x-content-type-options"] == b"nosniff"
    (closed,), seen = ask("evil.example", "websocket")
    assert not seen
    assert closed == {"type": "websocket.close", "code": 1008, "reason": "another name"}
    assert ask("localhost", "websocket")[1]


@pytest.mark.usefixtures("listed")
@pytest.mark.parametrize(
    ("query", "kind", "framed"),
    [
        ("", "text/html; charset=utf-8", False),
        ("embed=false&x=embed%3Dtrue", "text/html", False),
        ("image=china&embed=true", "text/html", True),
        ("", "image/png", True),
    ],
)
def test_pages_are_framed_where_they_are_embedded(query: str, kind: str, framed: bool) -> None:
    (start,), seen = ask("localhost", query=query, kind=kind)
    assert seen
    headers = dict(start["headers"])
    assert headers[b"x-content-type-options"] == b"nosniff"
    assert (b"content-security-policy" not in headers) is framed
    if not framed:
        assert headers[b"content-security-policy"] == b"frame-ancestors 'self'"
