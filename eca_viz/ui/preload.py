"""Scripts of Streamlit that the first page needs, fetched while the browser starts."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Parts of Streamlit's front end, as its build names them; the largest is Plotly with 4.7 MB.
PARTS = (
    "PlotlyChart",
    "Html",
    "BidiComponent",
    "ImageList",
    "FileUploader",
    "Radio",
    "Selectbox",
    "Checkbox",
    "Button",
    "NumberInput",
)
_SCRIPTS = Path(st.__file__).parent / "static" / "static" / "js"
# Bytes of the header. nginx refuses an answer whose headers take more than 4 KB together; what is
# left out are the smallest scripts.
MOST = 2800
_IMPORT = re.compile(rb'from"\./([\w.-]+\.js)"')
_IMPORTS_END = 20_000  # bytes; a script's imports stand at its beginning


class Preload:
    """Adds a header to each HTML page that names the scripts to fetch at once.

    Without it the browser asks for them when the first chart has arrived, and the page waits.
    """

    def __init__(self, app: "ASGIApp") -> None:
        self.app = app
        self.header = (b"link", ", ".join(_links()).encode())

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        async def with_links(message: "Message") -> None:
            if message["type"] == "http.response.start":
                headers = list(message["headers"])
                if (b"content-type", b"text/html; charset=utf-8") in headers:
                    message = {**message, "headers": [*headers, self.header]}
            await send(message)

        await self.app(scope, receive, with_links if scope["type"] == "http" else send)


def _links() -> Iterator[str]:
    """Relative to the page, which may lie under a path of a proxy's; the parts themselves first,
    then the largest.
    """

    def order(name: str) -> tuple[bool, int]:
        return name.partition(".")[0] not in PARTS, -(_SCRIPTS / name).stat().st_size

    length = 0
    for name in sorted(scripts(), key=order):
        link = f"<static/js/{name}>; rel=modulepreload"
        length += len(link) + 2
        if length > MOST:
            return
        yield link


def scripts() -> set[str]:
    """Names of the scripts of PARTS and of all that they import."""
    found: set[str] = set()
    left = [path.name for part in PARTS for path in _SCRIPTS.glob(f"{part}.*.js")]
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += _imports(_SCRIPTS / name)
    return found


def _imports(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        beginning = file.read(_IMPORTS_END)
    return (name.decode() for name in _IMPORT.findall(beginning))
