"""Connections of the app's server send at once."""

import asyncio
import socket

import pytest

from eca_viz.ui import engine, sending


async def _accepted() -> bool:
    """Whether a connection to a server with a socket like Streamlit's sends at once."""
    found: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    class Protocol(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            taken = transport.get_extra_info("socket")
            found.set_result(bool(taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)))

    listening = socket.socket(socket.AF_INET)
    listening.bind(("127.0.0.1", 0))
    server = await asyncio.get_running_loop().create_server(Protocol, sock=listening)
    port = listening.getsockname()[1]
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    sends_at_once = await found
    writer.close()
    await writer.wait_closed()
    server.close()
    return sends_at_once


def test_accepted_connections_send_at_once() -> None:
    async def serve() -> bool:
        sending.send_at_once()
        return await _accepted()

    assert not asyncio.run(_accepted()), "asyncio does it now: sending.py can go"
    assert asyncio.run(serve())


def test_the_app_asks_for_it_before_it_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    async def serve() -> bool:
        async with engine.preloaded(None):  # type: ignore[arg-type]
            return await _accepted()

    monkeypatch.setattr(engine, "_preload", engine._imported.set)
    assert asyncio.run(serve())


def test_other_loops_are_left_alone() -> None:
    class Other(asyncio.AbstractEventLoop):
        pass

    other = Other()
    asyncio._set_running_loop(other)
    try:
        sending.send_at_once()
    finally:
        asyncio._set_running_loop(None)
    assert "create_server" not in vars(other)


def test_a_server_that_makes_its_own_socket_still_starts() -> None:
    async def serve() -> int:
        sending.send_at_once()
        loop = asyncio.get_running_loop()
        server = await loop.create_server(asyncio.Protocol, "localhost", 0)
        count = len(server.sockets)
        server.close()
        return count

    assert asyncio.run(serve()) >= 1
