"""The address `/ready`, which says whether the app can explain an image."""

import os
from threading import Condition
from typing import TYPE_CHECKING

import streamlit as st
from anyio import to_thread
from cachetools import TTLCache, cached
from starlette.responses import PlainTextResponse

from eca_viz.errors import EcaVizError
from eca_viz.paths import NETWORK_VARIABLE
from eca_viz.ui import engine

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

ADDRESS = "ready"
# An answer holds as long, so that asking costs next to nothing.
SECONDS = 5.0
LOADING = "PyTorch and the first network are being loaded"


class Readiness:
    """Answers `/ready`: 200 where the first network answers, else 503 and the reason.

    `/_stcore/health` is Streamlit's own and says only that the server runs.
    """

    def __init__(self, app: "ASGIApp") -> None:
        self.app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        if scope["type"] != "http" or scope["path"] not in _places():
            await self.app(scope, receive, send)
            return
        reason = await to_thread.run_sync(missing)
        answer = PlainTextResponse(reason or "ready", 503 if reason else 200)
        await answer(scope, receive, send)


def _places() -> set[str]:
    base = str(st.get_option("server.baseUrlPath")).strip("/")
    return {f"/{ADDRESS}", f"/{base}/{ADDRESS}"}


@cached(TTLCache(1, SECONDS), condition=Condition())
def missing() -> str:
    """Why no image can be explained; empty where one can.

    The first call begins to load PyTorch, so that a server need not wait for its first visit.
    """
    engine.imported()
    engine.hurry()
    engine.load_behind()
    if not engine.loaded():
        return LOADING
    import numpy as np

    from eca_viz.networks.loading import load_network
    from eca_viz.networks.own import load_own
    from eca_viz.networks.registry import DEFAULT_NETWORK
    from eca_viz.pipeline import explain

    try:
        own = os.environ.get(NETWORK_VARIABLE)
        network = load_own(own) if own else load_network(DEFAULT_NETWORK)
        explain(np.zeros((64, 64, 3), np.uint8), network, saliency=())
    except EcaVizError as error:
        return str(error)
    return ""
