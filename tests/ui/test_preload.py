"""The scripts that the browser fetches at once are Streamlit's own, and only pages name them."""

import asyncio

import pytest

from eca_viz.ui import preload
from eca_viz.ui.preload import PARTS, Preload, scripts


def test_every_part_is_there_with_what_it_imports() -> None:
    found = scripts()
    for part in PARTS:
        assert any(name.startswith(f"{part}.") for name in found), part
    assert all((preload._SCRIPTS / name).is_file() for name in found)
    assert len(found) > 2 * len(PARTS)


def headers_of(kind: bytes, scope: str = "http") -> dict[bytes, bytes]:
    """What reaches the browser of an answer of this type."""
    sent: list[dict] = []

    async def answer(scope, receive, send) -> None:
        await send({"type": "http.response.start", "headers": [(b"content-type", kind)]})

    async def keep(message) -> None:
        sent.append(message)

    asyncio.run(Preload(answer)({"type": scope}, None, keep))
    return dict(sent[0]["headers"])


def test_a_page_names_the_largest_scripts_in_a_header_that_proxies_take() -> None:
    header = headers_of(b"text/html; charset=utf-8")[b"link"].decode()
    assert len(header) <= 2800  # of the 4,096 bytes that nginx takes for all headers
    links = header.split(", ")
    assert all(link.endswith("; rel=modulepreload") for link in links)
    named = {link.split(">")[0].removeprefix("<static/js/") for link in links}
    sizes = {name: (preload._SCRIPTS / name).stat().st_size for name in scripts()}
    assert named < sizes.keys()
    assert sum(sizes[name] for name in named) > 0.98 * sum(sizes.values())
    for part in PARTS:
        assert any(name.startswith(f"{part}.") for name in named), part


@pytest.mark.parametrize(
    ("kind", "scope"), [(b"image/png", "http"), (b"text/html; charset=utf-8", "websocket")]
)
def test_nothing_else_does(kind: bytes, scope: str) -> None:
    assert b"link" not in headers_of(kind, scope)
