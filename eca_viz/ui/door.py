"""What stands before every request: the app's names, and headers that bind a browser."""

from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Of a name that is refused; the rest says no more.
SHOWN = 100


class Door:
    """Refuses requests to a name that is not the app's, and adds headers to its answers.

    A page of another site can have its own name lead to this machine and would then be of one
    origin with the app (DNS rebinding).
    """

    def __init__(self, app: "ASGIApp") -> None:
        self.app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        async def guarded(message: "Message") -> None:
            if message["type"] == "http.response.start":
                _guard(MutableHeaders(scope=message), scope)
            await send(message)

        host = Headers(scope=scope).get("host") if scope["type"] != "lifespan" else None
        if welcome(host):
            await self.app(scope, receive, guarded if scope["type"] == "http" else send)
        elif scope["type"] == "http":
            await PlainTextResponse(_refusal(str(host)), 403)(scope, receive, guarded)
        else:
            await send({"type": "websocket.close", "code": 1008, "reason": "another name"})


def welcome(host: str | None) -> bool:
    """Whether the app answers under this name.

    It does under those of server.allowedHosts, localhost, the name that it was started with, and
    addresses of IP, which no other site can have.

    Args:
        host: The header `Host`; None where there is none, as with no browser.
    """
    if host is None or (st.get_option("server.allowedHosts") and is_host_allowed(host)):
        return True
    try:
        name = urlsplit(f"//{host}").hostname or ""
        if name in _own_names():
            return True
        ip_address(name)
    except ValueError:
        return False
    return True


def _own_names() -> set[str]:
    given = (st.get_option("server.address"), st.get_option("browser.serverAddress"))
    return {"localhost", *(str(name).lower() for name in given if name)}


def _refusal(host: str) -> str:
    name = host.rpartition(":")[0] or host
    return (
        f"eca_viz does not answer under the name {name[:SHOWN]!r}. Where it is its own, start the "
        "app with eca-viz app --host NAME, or streamlit run app.py --server.allowedHosts NAME.\n"
    )


def _guard(headers: MutableHeaders, scope: "Scope") -> None:
    """No guessing of types; no frame of another site but for the embedded view."""
    headers["x-content-type-options"] = "nosniff"
    if headers.get("content-type", "").startswith("text/html"):
        asked = parse_qs(scope["query_string"].decode("latin-1"))
        if asked.get("embed") != ["true"]:
            headers["content-security-policy"] = "frame-ancestors 'self'"
