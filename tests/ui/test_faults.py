"""Faults in the middle of a visit: a sentence, the page stays, and the next request works."""

import os
import signal
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from eca_viz.images import bounded
from eca_viz.networks import loading
from eca_viz.networks.pool import NetworkPool
from eca_viz.networks.registry import NETWORKS, find_network
from eca_viz.ui import state
from tests.ui.factories import healthy, make_app, png, without_errors

OTHER = find_network("resnet_tiny_se")


def said(app: AppTest) -> str:
    return "\n".join(one.value for one in app.error)


def test_weights_that_change_under_the_app(
    app: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_errors(app.run())
    # An image that no other test has: results are kept for all visits.
    without_errors(app.file_uploader(key=state.UPLOADS).upload("b.png", png(72), "x").run())
    fetched = loading._fetched
    good = fetched(OTHER, print).read_bytes()
    path = tmp_path / "weights.safetensors"
    path.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    monkeypatch.setattr(loading, "_pool", NetworkPool())
    monkeypatch.setattr(
        loading, "_fetched", lambda spec, say: path if spec is OTHER else fetched(spec, say)
    )
    healthy(app.selectbox(key=state.NETWORK).set_value(OTHER.title).run())
    assert "weights.safetensors has the sha256" in said(app)
    assert "restore it" in said(app)
    without_errors(app.selectbox(key=state.NETWORK).set_value(NETWORKS[0].title).run())

    path.write_bytes(good)
    without_errors(app.selectbox(key=state.NETWORK).set_value(OTHER.title).run())
    assert app.session_state[state.CHOICE].network.title == OTHER.title
    assert app.selectbox(key=state.LAYER).options[0] == "layer1.0.attention"


def test_a_decoder_that_is_killed_at_each_try(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_errors(app.run())
    exchange = bounded.Worker._exchange
    killed: list[int] = []

    def kill(worker: bounded.Worker, *given: object) -> None:
        os.kill(worker.process.pid, signal.SIGKILL)
        killed.append(worker.process.pid)
        exchange(worker, *given)

    with monkeypatch.context() as patched:
        patched.setattr(bounded.Worker, "_exchange", kill)
        healthy(app.file_uploader(key=state.UPLOADS).upload("a.png", png(71), "image/png").run())
    assert len(killed) == bounded.ATTEMPTS
    assert "a.png was not decoded" in said(app)
    assert app.radio(key=state.IMAGE).value == "china"

    again = make_app()
    without_errors(again.run())
    without_errors(again.file_uploader(key=state.UPLOADS).upload("a.png", png(71), "x").run())
    assert again.session_state[state.IMAGE].startswith(state.UPLOAD_PREFIX)
