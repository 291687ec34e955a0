"""The app in this process, on a model that is in memory."""

import os
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from eca_viz.errors import NetworkError
from eca_viz.locale.texts import text
from eca_viz.paths import NETWORK_VARIABLE
from eca_viz.version import require

if TYPE_CHECKING:
    from eca_viz.networks.preprocess import Preprocess

HOST = "127.0.0.1"
STARTING = 60.0  # seconds
PULSE = 0.05


# That of the one server of this process; Streamlit allows no second.
_address: list[str] = []


def serve(
    model: Any,
    *,
    name: str = "",
    preprocess: "Preprocess | Mapping[str, Any] | None" = None,
    labels: Sequence[str] | None = None,
    also: Sequence[str] = (),
    score: Callable[[Any], Any] | None = None,
    port: int = 0,
) -> str:
    """Starts the app on a model that is in memory, for the browser of this machine.

    It runs in this process until that ends; a script waits, for example with `input()`. Called
    again, it keeps its address and shows the new model: to new visits, and to others at their next
    click.

    >>> eca_viz.serve(model, labels=["cat", "dog"])  # doctest: +SKIP
    'http://127.0.0.1:40123'

    Args:
        model: A torch module as for Network.wrap, or a Network.
        name: As for Network.wrap.
        preprocess: As for Network.wrap.
        labels: As for Network.wrap.
        also: As for Network.wrap.
        score: As for Network.wrap.
        port: Of the address; 0 for a free one.

    Returns:
        The address.

    Raises:
        NetworkError: As Network.wrap, for a network that takes no images, and where the port is
            taken.
        MissingPackageError: Where the extra `app` is not installed.
    """
    require("streamlit", "app")
    from eca_viz.networks.own import keep, needs_images
    from eca_viz.networks.spec import Network

    if isinstance(model, Network):
        network = model
    else:
        network = Network.wrap(
            model, name=name, preprocess=preprocess, labels=labels, also=also, score=score
        )
    needs_images(network)
    address = _address[0] if _address else _start(port)
    os.environ[NETWORK_VARIABLE] = keep(network)
    return address


def _start(port: int) -> str:
    import streamlit as st
    import uvicorn

    from eca_viz.ui.application import ROUTER, settings, surroundings

    connection = socket.socket()
    try:
        connection.bind((HOST, port))
    except OSError as error:
        connection.close()
        raise NetworkError(
            text(
                "port {port} cannot be used ({reason}); give another",
                port=port,
                reason=error.strerror,
            )
        ) from error
    app = st.App(ROUTER, **surroundings())
    st.config.get_config_options(force_reparse=True, options_from_flags=settings())
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [connection]}, daemon=True)
    thread.start()
    end = time.monotonic() + STARTING
    while not server.started and thread.is_alive() and time.monotonic() < end:
        time.sleep(PULSE)
    if not server.started:
        raise NetworkError(text("the app did not start; its reason stands in the log above"))
    _address.append(f"http://{HOST}:{connection.getsockname()[1]}")
    return _address[0]
