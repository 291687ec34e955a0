"""A visit without a browser: what Streamlit's front end says over its WebSocket."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

STREAM = "_stcore/stream"


@contextmanager
def session(address: str, host: str | None = None) -> Iterator[ClientConnection]:
    """An open connection to the app at `address`, which a browser would know by the name `host`."""
    place = urlsplit(address)
    name = f"{host or place.hostname}:{place.port}"
    with connect(
        f"ws://{name}{place.path}/{STREAM}",
        sock=socket.create_connection((place.hostname, place.port)),
        subprotocols=["streamlit"],
        origin=f"http://{name}",
        max_size=None,
        ping_interval=None,
    ) as connection:
        yield connection


def draw(connection: ClientConnection, query: str = "") -> int:
    """Runs the page once and returns how many elements were sent."""
    asked = BackMsg()
    asked.rerun_script.query_string = query
    connection.send(asked.SerializeToString())
    elements = 0
    while True:
        message = ForwardMsg.FromString(connection.recv(timeout=120))
        elements += message.delta.WhichOneof("type") == "new_element"
        if message.WhichOneof("type") == "script_finished":
            return elements
