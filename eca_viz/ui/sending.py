"""How the server's connections send."""

import asyncio
import socket
from typing import Any


def send_at_once() -> None:
    """Has small messages sent at once; to be called in the server's loop before it listens.

    Otherwise the kernel holds back what a connection sends until what went before is acknowledged,
    which a browser does after 40 ms, for each script and for each part of a page. asyncio sets
    TCP_NODELAY only where a socket names its protocol, and Streamlit's does not. A connection
    takes the option from the socket that listened.
    """
    loop = asyncio.get_running_loop()
    if not isinstance(loop, asyncio.BaseEventLoop):
        return  # such as uvloop's, whose methods cannot be replaced
    create = loop.create_server

    async def create_server(
        *arguments: Any, sock: socket.socket | None = None, **options: Any
    ) -> asyncio.Server:
        if sock is not None and sock.family in (socket.AF_INET, socket.AF_INET6):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return await create(*arguments, sock=sock, **options)

    loop.create_server = create_server  # type: ignore[method-assign]
